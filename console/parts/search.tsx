import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Found } from "../../connector/console/routes/search.ts";
import { go, href } from "../address.ts";
import { api, body } from "../api.ts";
import { failureOf } from "../failure.ts";
import { large, streamName } from "../words.ts";
import { Icon } from "./icon.tsx";

const pause = 150;

/** The search of every page: an id, a title, a name, an e-mail or an address leads to a company or an explanation. */
export function Search() {
  const id = useId();
  const [text, setText] = useState("");
  const [found, setFound] = useState<{ text: string; list: Found[]; deep: boolean; failed?: string }>();
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const wanted = text.trim();
  useEffect(() => {
    setFound(undefined);
    if (wanted === "") return;
    const stop = new AbortController();
    const ask = async (deep: boolean) => {
      try {
        const query = { text: wanted, ...(deep ? { deep } : {}) };
        const answer = await body(api.search.$get({ query }, { init: { signal: stop.signal } }));
        if (stop.signal.aborted) return;
        setFound({ text: wanted, list: answer.found, deep: answer.deep });
        setAt(0);
        if (!deep) await ask(true);
      } catch (error) {
        if (!stop.signal.aborted) setFound({ text: wanted, list: [], deep: true, failed: failureOf(error).message });
      }
    };
    const timer = setTimeout(() => void ask(false), pause);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [wanted]);
  const list = found?.list ?? [];
  const choose = (one: Found | undefined) => {
    if (one === undefined) return;
    setOpen(false);
    setText("");
    go(addressOf(one));
  };
  const shown = open && wanted !== "" && found !== undefined;
  return (
    <div
      class="find"
      ref={box}
      onFocusOut={(event) => {
        if (!(event.relatedTarget instanceof Node) || !box.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <Icon name="search" />
      <input
        type="search"
        // biome-ignore lint/a11y/noRedundantRoles: it has no list of its own, so that the role is none that it has
        role="combobox"
        list={undefined}
        aria-label="Why is it not there? Id, title, name, e-mail or Pipedrive address"
        placeholder="Why is it not there? Id, title, address"
        aria-expanded={shown}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={shown && list.length > 0 ? `${id}-${at}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setOpen(false);
          if (event.key === "Enter") choose(list[at]);
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step === undefined || list.length === 0) return;
          event.preventDefault();
          setAt((at + step + list.length) % list.length);
        }}
      />
      <div class="found" id={id} role="listbox" aria-label="Found" hidden={!shown || list.length === 0}>
        {list.map((one, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, as a combobox has it
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
          <div
            role="option"
            id={`${id}-${index}`}
            aria-selected={index === at}
            key={`${one.stream} ${one.kind} ${one.id}`}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(one)}
          >
            <span>{one.name ?? `${large(streamName(one.stream))} ${one.id}`}</span>
            <span class="sub">
              {one.kind === "company" ? "Company" : `${large(streamName(one.stream))} ${one.id}`}
              {one.detail !== null && `, ${one.detail}`}
            </span>
          </div>
        ))}
      </div>
      {shown && list.length === 0 && (found.deep || found.failed !== undefined) && (
        <p class="found" role="status">
          {found.failed ?? "Nothing has this id, name, title, e-mail or address."}
        </p>
      )}
    </div>
  );
}

/** Returns where something that was found leads. */
export function addressOf({ kind, id, stream }: Pick<Found, "kind" | "id" | "stream">): string {
  return kind === "company" ? href(`companies/${id}`) : href(`explain/${stream}/${id}`);
}
