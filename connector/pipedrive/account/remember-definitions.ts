import type { AccountCatalog, AccountField, FieldOption, GoneDefinitions } from "../../account-catalog.ts";
import { sameLabel } from "../../text/label-text.ts";

/**
 * Adds earlier definitions to the account's present ones: former labels, and definitions that are gone. So a word of
 * the mapping still finds its meaning.
 */
export function rememberDefinitions(now: AccountCatalog, before: AccountCatalog | undefined): AccountCatalog {
  if (before === undefined) return now;
  const fields = (stream: keyof AccountCatalog["fields"]) => {
    const known = [...before.fields[stream], ...(before.gone?.fields[stream] ?? [])];
    return now.fields[stream].map((field) =>
      rememberField(
        field,
        known.find(({ key }) => key === field.key),
      ),
    );
  };
  const named = <Thing extends NamedDefinition>(things: readonly Thing[], known: readonly Thing[]) =>
    things.map((thing) => {
      const earlier = known.find(({ id }) => id === thing.id);
      return earlier === undefined ? thing : { ...thing, ...formerNames(thing.name, earlier.name, earlier.former) };
    });
  const gone = goneDefinitions(now, before);
  return {
    ...now,
    fields: { deals: fields("deals"), organizations: fields("organizations"), persons: fields("persons") },
    pipelines: named(now.pipelines, [...before.pipelines, ...(before.gone?.pipelines ?? [])]),
    stages: named(now.stages, [...before.stages, ...(before.gone?.stages ?? [])]),
    // Records still name users that the account no longer lists.
    users: [...now.users, ...missingFrom(now.users, before.users)],
    ...(isNothing(gone) ? {} : { gone }),
    ...(before.words === undefined ? {} : { words: before.words }),
    ...(before.wordsWait === undefined ? {} : { wordsWait: before.wordsWait }),
  };
}

interface NamedDefinition {
  id: number;
  name: string;
  former?: string[];
}

function rememberField(now: AccountField, before: AccountField | undefined): AccountField {
  if (before === undefined) return now;
  const options = rememberOptions(now.options ?? [], before.options ?? []);
  return {
    ...now,
    ...(options.length === 0 ? {} : { options }),
    ...formerNames(now.label, before.label, before.former),
  };
}

/** Returns the present options of a field, then its former ones with the time when their absence was first seen. */
function rememberOptions(now: readonly FieldOption[], before: readonly FieldOption[]): FieldOption[] {
  const seen = new Date().toISOString();
  const earlier = new Map(before.map((option) => [option.id, option]));
  const ids = new Set(now.map(({ id }) => id));
  return [
    ...now.map((option) => {
      const known = earlier.get(option.id);
      return known === undefined ? option : { ...option, ...formerNames(option.label, known.label, known.former) };
    }),
    ...before.filter(({ id }) => !ids.has(id)).map((option) => ({ goneSince: seen, ...option, gone: true })),
  ];
}

/** Returns the earlier names of something, as a part of it; an invisible change does not count. */
function formerNames(now: string, last: string, earlier: readonly string[] = []): { former?: string[] } {
  const former = [...earlier, ...(sameLabel(now, last) ? [] : [last])];
  const once = former.filter((name, at) => former.indexOf(name) === at);
  return once.length === 0 ? {} : { former: once };
}

function goneDefinitions(now: AccountCatalog, before: AccountCatalog): GoneDefinitions {
  const fields = (stream: keyof AccountCatalog["fields"]) => {
    const keys = new Set(now.fields[stream].map(({ key }) => key));
    return [...before.fields[stream], ...(before.gone?.fields[stream] ?? [])].filter(
      ({ key, custom }) => custom && !keys.has(key),
    );
  };
  return {
    fields: { deals: fields("deals"), organizations: fields("organizations"), persons: fields("persons") },
    pipelines: missingFrom(now.pipelines, [...before.pipelines, ...(before.gone?.pipelines ?? [])]),
    stages: missingFrom(now.stages, [...before.stages, ...(before.gone?.stages ?? [])]),
  };
}

function missingFrom<Thing extends NamedDefinition>(things: readonly Thing[], known: readonly Thing[]): Thing[] {
  const ids = new Set(things.map(({ id }) => id));
  return known.filter(({ id }) => !ids.has(id));
}

function isNothing({ fields, pipelines, stages }: GoneDefinitions): boolean {
  return [...Object.values(fields), pipelines, stages].every((list) => list.length === 0);
}
