import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { Loaded } from "../load.ts";
import { copy } from "./copy.ts";
import { Icon } from "./icon.tsx";

/** A page: its title, one sentence that is true now, what people came for, and the command that does the same. */
export function Page({
  title,
  tab,
  kick,
  sentence,
  of,
  actions,
  command,
  children,
}: {
  title: string;
  tab?: string;
  kick?: ComponentChildren;
  sentence?: ComponentChildren;
  /** The data of the page: as long as it is on its way, a bar stands for the sentence. */
  of?: Loaded<unknown>;
  actions?: ComponentChildren;
  command: string;
  children?: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${tab ?? title} · pipedrive-planhat`;
  }, [tab ?? title]);
  return (
    <>
      <div class="head">
        <div>
          {kick !== undefined && <p class="kick">{kick}</p>}
          <h1>{title}</h1>
          <p class="now" role="status">
            {sentence ?? (of?.failure === undefined ? <span class="sk w2" /> : "This could not be read now.")}
          </p>
        </div>
        {actions !== undefined && <div class="row">{actions}</div>}
      </div>
      {children}
      <Foot command={command} />
    </>
  );
}

/** A part of a page with its title. */
export function Section({
  title,
  about,
  aside,
  children,
  class: more = "",
}: {
  title: string;
  about?: ComponentChildren;
  aside?: ComponentChildren;
  children?: ComponentChildren;
  class?: string;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} class={more}>
      <div class="h2">
        <h2 id={id}>{title}</h2>
        {about !== undefined && <p>{about}</p>}
        {aside !== undefined && <div class="r">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

function Foot({ command }: { command: string }) {
  const [copied, setCopied] = useState(false);
  const line = `pipedrive-planhat ${command}`;
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <footer class="foot">
      <code>$ {line}</code>
      <button type="button" class="btn sm bare" onClick={() => copy(line).then(() => setCopied(true))}>
        <Icon name="copy" />
        <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
      </button>
    </footer>
  );
}
