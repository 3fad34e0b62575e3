import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Problem } from "../../../connector/problem.ts";
import { completeMapping, type Known } from "./complete.ts";

/** An editor of one mapping file. */
export interface Editor {
  /** Replaces the whole text, as one step that can be taken back. Nobody is told: it is no change of the person. */
  replace(text: string): void;
  /** Marks the problems of the file in place. */
  mark(problems: readonly Problem[]): void;
  /** Moves to a place, and the focus with it. */
  reveal(line: number, column: number): void;
  remove(): void;
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.comment, color: "var(--ink3)" },
  { tag: [tags.string, tags.content], color: "var(--ink)" },
  { tag: [tags.keyword, tags.atom, tags.bool, tags.null, tags.number], color: "var(--good)" },
  { tag: [tags.meta, tags.punctuation, tags.separator], color: "var(--ink3)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--bg)", fontSize: "12.5px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "22px", minHeight: "320px", maxHeight: "70vh" },
  ".cm-gutters": { backgroundColor: "var(--bg)", color: "var(--ink3)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--on)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--over)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    fontFamily: "var(--sans)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-solid)", color: "#fff" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", fontSize: "13px", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
});

/**
 * Makes an editor in a box. It lives in a shadow root: there its styles are sheets made by script, which a strict
 * policy about styles permits.
 */
export function makeEditor(
  box: HTMLElement,
  {
    text,
    readOnly,
    known,
    onChange,
    label,
  }: { text: string; readOnly: boolean; known: () => Known; onChange: (text: string) => void; label: string },
): Editor {
  let replacing = false;
  const root = box.shadowRoot ?? box.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        yaml(),
        syntaxHighlighting(colours),
        look,
        autocompletion({ override: [completeMapping(known)], icons: false }),
        // Tab leaves the editor after Escape, as CodeMirror has it: nobody is caught in it.
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, indentWithTab]),
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
        EditorView.lineWrapping,
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !replacing) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    replace(next) {
      if (next === view.state.doc.toString()) return;
      replacing = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
      replacing = false;
    },
    mark(problems) {
      view.dispatch(
        setDiagnostics(
          view.state,
          problems.map((problem) => diagnosticOf(view.state, problem)),
        ),
      );
    },
    reveal(line, column) {
      const { from, length } = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      view.dispatch({ selection: { anchor: from + Math.min(Math.max(column - 1, 0), length) }, scrollIntoView: true });
      view.focus();
    },
    remove() {
      view.destroy();
    },
  };
}

function diagnosticOf({ doc }: EditorState, { line, column, severity, message, hint }: Problem): Diagnostic {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
  const word = /^[^\s,:\]}]+/.exec(at.text.slice(from - at.from))?.[0].length ?? 1;
  return {
    from,
    to: Math.min(from + word, at.to),
    severity,
    message: hint === undefined ? message : `${message}\n${hint}`,
  };
}
