import { batch, signal } from "@preact/signals";

/** The path under which the page is served, with a slash at its end: `/console/`, behind a proxy more. */
export const base = new URL(document.baseURI).pathname;

/** The part of the address after the base, without slashes around it: `` for the Overview, `runs/1f6b02c4`. */
export const path = signal(pathNow());

/** The query of the address: filters, sort order, and which detail is open. */
export const params = signal(new URLSearchParams(location.search));

/** Counts the pages opened in this tab: whoever shows one moves the focus to it. */
export const opened = signal(0);

/** Returns the address of a page of the console; parameters without a value are left out. */
export function href(to: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") search.set(name, value);
  const text = search.toString();
  return `${base}${to}${text === "" ? "" : `?${text}`}`;
}

/** Opens an address of the console in this tab. */
export function go(address: string, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  read();
}

/** Changes parameters of the address; undefined removes one. The back button leads to the address before. */
export function setParams(
  changes: Readonly<Record<string, string | undefined>>,
  how: "push" | "replace" = "push",
): void {
  const query = new URLSearchParams(params.value);
  for (const [name, value] of Object.entries(changes))
    if (value === undefined || value === "") query.delete(name);
    else query.set(name, value);
  go(href(path.value, Object.fromEntries(query)), how);
}

/** Returns a parameter of the address, or undefined. */
export function param(name: string): string | undefined {
  return params.value.get(name) ?? undefined;
}

/** Follows links of the console without loading the page anew, and the buttons of the browser. */
export function followLinks(): void {
  addEventListener("popstate", read);
  addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.target !== "" || link.hasAttribute("download")) return;
    const to = new URL(link.href);
    if (to.origin !== location.origin || !to.pathname.startsWith(base)) return;
    if (to.hash !== "" && to.pathname === location.pathname && to.search === location.search) return;
    event.preventDefault();
    go(to.href);
  });
}

function read(): void {
  batch(() => {
    const now = pathNow();
    params.value = new URLSearchParams(location.search);
    if (now === path.value) return;
    path.value = now;
    opened.value++;
  });
}

function pathNow(): string {
  return decodeURI(location.pathname)
    .slice(base.length)
    .replace(/^\/+|\/+$/g, "");
}
