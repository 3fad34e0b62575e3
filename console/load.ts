import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiFailure, failureOf } from "./failure.ts";
import { onLive, woken } from "./live.ts";

/** The data of a page: nothing yet, a failure, or a value; and a way to read it anew. */
export interface Loaded<Value> {
  value: Value | undefined;
  failure: ApiFailure | undefined;
  /** True while a value of another key, or the first one, is on its way. */
  loading: boolean;
  again(): void;
}

const retryAfter = 5_000;

/**
 * Reads the data of a page, again when `key` changes, when one of the named events comes, and when the page was away.
 * The value before stays until the next is there.
 */
export function useLoaded<Value>(
  key: string,
  read: (signal: AbortSignal) => Promise<Value>,
  events: readonly string[] = [],
): Loaded<Value> {
  const [found, setFound] = useState<{ key: string; value?: Value; failure?: ApiFailure }>();
  const [turn, setTurn] = useState(0);
  const reading = useRef(read);
  reading.current = read;
  const again = () => setTurn((before) => before + 1);
  useEffect(() => {
    const stop = new AbortController();
    let retry: ReturnType<typeof setTimeout> | undefined;
    reading
      .current(stop.signal)
      .then((value) => {
        if (!stop.signal.aborted) setFound({ key, value });
      })
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        const failure = failureOf(error);
        setFound((before) => ({ ...(before?.key === key ? before : { key }), failure }));
        if (failure.status === 0 || failure.status >= 502) retry = setTimeout(again, retryAfter);
      });
    return () => {
      stop.abort();
      clearTimeout(retry);
    };
  }, [key, turn]);
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        again();
      }, 250);
    };
    const silent = onLive(({ name }) => {
      if (events.includes(name)) soon();
    });
    let first = true;
    const unsubscribe = woken.subscribe(() => {
      if (!first) soon();
      first = false;
    });
    return () => {
      silent();
      unsubscribe();
      clearTimeout(waiting);
    };
  }, [events.join(" ")]);
  const same = found?.key === key;
  return { value: found?.value, failure: same ? found.failure : undefined, loading: !same, again };
}

/** Returns a way to do something once at a time, and what came of it. */
export function useDoing(): {
  doing: boolean;
  failure: ApiFailure | undefined;
  act(work: () => Promise<void>): Promise<boolean>;
  clear(): void;
} {
  const [doing, setDoing] = useState(false);
  const [failure, setFailure] = useState<ApiFailure>();
  const act = async (work: () => Promise<void>) => {
    setDoing(true);
    setFailure(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      setFailure(failureOf(error));
      return false;
    } finally {
      setDoing(false);
    }
  };
  return { doing, failure, act, clear: () => setFailure(undefined) };
}
