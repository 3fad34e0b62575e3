import { exact, now, spoken } from "../now.ts";

/** An instant as people say it; the exact one shows on hover and focus. */
export function Time({ at, none = "never" }: { at: string | null | undefined; none?: string }) {
  if (at === null || at === undefined) return <span class="dim">{none}</span>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the exact instant must be reachable by the keyboard
    <time class="tip" tabIndex={0} dateTime={at} data-at={exact(at)}>
      {spoken(at, now.value)}
      <span class="sr"> ({exact(at)})</span>
    </time>
  );
}
