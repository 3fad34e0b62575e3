import type { CompanyReference } from "../decision.ts";

/**
 * Notes that are settled and that later batches may bring again: those of a person whom deals of other organizations name,
 * who brings all its notes with each of them. As long as nothing new lands, only a company that comes later can change what
 * a settled note becomes.
 */
export class SettledNotes {
  /** By note, the organizations to whose companies it would rather belong. */
  readonly #preferred = new Map<number, readonly number[]>();

  /** Takes a note with the company that it belongs to. One whose company is not that of an organization is not kept. */
  add(noteId: number, company: CompanyReference | undefined): void {
    const preferred = company !== undefined && "rowId" in company ? company.preferred : undefined;
    if (preferred !== undefined) this.#preferred.set(noteId, preferred);
  }

  addAll(notes: SettledNotes): void {
    for (const [noteId, preferred] of notes.#preferred) this.#preferred.set(noteId, preferred);
  }

  /** Whether a note stays as it is when the given organizations are settled. */
  stays(noteId: number, organizations: ReadonlySet<number>): boolean {
    return this.#preferred.get(noteId)?.every((id) => !organizations.has(id)) ?? false;
  }
}
