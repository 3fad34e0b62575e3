import { signal } from "@preact/signals";
import { base } from "./address.ts";
import { send } from "./api.ts";

/** An event of the server: what it is about, and what happened. */
export interface LiveEvent {
  id: string;
  name: string;
  data: unknown;
}

type Listener = (event: LiveEvent) => void;

const listeners = new Set<Listener>();

/** The way of the events to this page: by the stream, by asking, or none, because nobody looks or nothing answers. */
export const connection = signal<"stream" | "poll" | "hidden" | "lost">("hidden");

/** Counts how often the page came back after it had missed events: what it shows is read anew. */
export const woken = signal(0);

const names = ["run", "progress", "problems", "audit", "settings", "state"];
const patience = 10_000;
const pollEvery = 5_000;

let source: EventSource | undefined;
let last: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let missed = false;

/** Calls a listener with every event, until the returned function is called. */
export function onLive(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Begins to listen; nothing is open or asked while the page is hidden. */
export function startLive(): void {
  document.addEventListener("visibilitychange", () => (document.hidden ? pause() : resume()));
  if (!document.hidden) open();
}

function pause(): void {
  close();
  missed = true;
  connection.value = "hidden";
}

function resume(): void {
  if (missed) woken.value++;
  missed = false;
  open();
}

function close(): void {
  source?.close();
  source = undefined;
  clearTimeout(timer);
}

function open(): void {
  close();
  source = new EventSource(`${base}api/events${last === undefined ? "" : `?after=${encodeURIComponent(last)}`}`);
  // A proxy may keep the stream back: then not even its first line comes, and the page asks.
  timer = setTimeout(poll, patience);
  source.onopen = () => {
    if (connection.value === "lost") woken.value++;
  };
  const take = (event: MessageEvent<string>) => {
    clearTimeout(timer);
    connection.value = "stream";
    tell({ id: event.lastEventId, name: event.type, data: event.data === "" ? null : JSON.parse(event.data) });
  };
  for (const name of [...names, "hello"]) source.addEventListener(name, take);
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    connection.value = "lost";
    clearTimeout(timer);
    timer = setTimeout(open, pollEvery);
  };
}

function tell(event: LiveEvent): void {
  if (event.id !== "") last = event.id;
  for (const listener of listeners) listener(event);
}

async function poll(): Promise<void> {
  source?.close();
  source = undefined;
  try {
    const answer = await send(
      `${base}api/events/latest${last === undefined ? "" : `?after=${encodeURIComponent(last)}`}`,
    );
    const { events } = (await answer.json()) as { events: LiveEvent[] };
    if (connection.value === "lost") woken.value++;
    connection.value = "poll";
    for (const event of events) tell(event);
  } catch {
    connection.value = "lost";
  }
  if (!document.hidden) timer = setTimeout(poll, pollEvery);
}
