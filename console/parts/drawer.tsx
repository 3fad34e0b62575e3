import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** Details beside a list. The focus moves into it, and back to where it was when it closes. */
export function Drawer({
  kick,
  title,
  children,
  head,
  onClose,
}: {
  kick?: ComponentChildren;
  title: ComponentChildren;
  children: ComponentChildren;
  head?: ComponentChildren;
  onClose: () => void;
}) {
  const id = useId();
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      else document.querySelector<HTMLElement>("#main")?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside
      class="drawer"
      ref={box}
      tabIndex={-1}
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header>
        <div class="row">
          <p class="kick flat">{kick}</p>
          <button type="button" class="btn sm bare r" onClick={onClose}>
            <Icon name="close" />
            <span class="sr">Close</span>
          </button>
        </div>
        <h2 id={id}>{title}</h2>
        {head}
      </header>
      {children}
    </aside>
  );
}
