import type { CompanyReference } from "../decision.ts";

/**
 * Applied notes that later batches may bring again: a person named by deals of several organizations brings all its
 * notes with each of them. While nothing new lands, only a company that is created later can change the result for such
 * a note.
 */
export class AppliedNotes {
  /** The organizations whose companies a note would prefer, by note. */
  readonly #preferred = new Map<number, readonly number[]>();

  /** Adds a note with its company. A note whose company is not an organization's is not added. */
  add(noteId: number, company: CompanyReference | undefined): void {
    const preferred = company !== undefined && "rowId" in company ? company.preferred : undefined;
    if (preferred !== undefined) this.#preferred.set(noteId, preferred);
  }

  addAll(notes: AppliedNotes): void {
    for (const [noteId, preferred] of notes.#preferred) this.#preferred.set(noteId, preferred);
  }

  /** Returns whether a note stays unchanged when the given organizations are applied. */
  stays(noteId: number, organizations: ReadonlySet<number>): boolean {
    return this.#preferred.get(noteId)?.every((id) => !organizations.has(id)) ?? false;
  }
}
