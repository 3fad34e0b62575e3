import type { ComponentChildren } from "preact";
import { may } from "../api.ts";
import { Icon, type IconName } from "./icon.tsx";

/** A button that says what happens. `by`: who may press it; others see that they may not. */
export function Button({
  children,
  onPress,
  icon,
  look = "",
  by,
  busy = false,
  off = false,
  type = "button",
}: {
  children: ComponentChildren;
  onPress?: () => void;
  icon?: IconName;
  look?: string;
  by?: "operator" | "editor";
  busy?: boolean;
  off?: boolean;
  type?: "button" | "submit";
}) {
  const forbidden = by !== undefined && !may(by);
  return (
    <button
      type={type}
      class={`btn ${look}`}
      disabled={forbidden || busy || off}
      aria-busy={busy}
      title={forbidden ? `Only an ${by} may do this.` : undefined}
      onClick={onPress}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}
