import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export type StateKind = "ok" | "wait" | "bad" | "off";

const icons: Readonly<Record<StateKind, IconName>> = { ok: "check", wait: "pause", bad: "warning", off: "minus" };

/** A state: an icon, a word and a colour, never the colour alone. */
export function State({
  kind,
  icon,
  href,
  children,
}: {
  kind: StateKind;
  icon?: IconName;
  href?: string;
  children: ComponentChildren;
}) {
  const inside = (
    <>
      <Icon name={icon ?? icons[kind]} />
      {children}
    </>
  );
  if (href !== undefined)
    return (
      <a class={`st ${kind}`} href={href}>
        {inside}
      </a>
    );
  return <span class={`st ${kind}`}>{inside}</span>;
}

/** The states in which a run is or ended. */
const runs: Readonly<Record<string, [StateKind, string]>> = {
  running: ["wait", "Running"],
  succeeded: ["ok", "Succeeded"],
  partial: ["bad", "Partial"],
  held: ["wait", "Held by the brake"],
  failed: ["bad", "Failed"],
  undone: ["off", "Undone"],
};

/** The state of a run in words. */
export function RunState({ status, detail }: { status: string; detail?: string | undefined }) {
  const [kind, word] = runs[status] ?? ["off" as const, status];
  return (
    <State kind={kind} {...(status === "running" ? { icon: "sync" as const } : {})}>
      {detail === undefined ? word : `${word}: ${detail}`}
    </State>
  );
}
