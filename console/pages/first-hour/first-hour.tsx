import { useEffect } from "preact/hooks";
import { api, body, session } from "../../api.ts";
import { Page } from "../../parts/page.tsx";
import { Note } from "../../parts/quiet.tsx";

const lookEvery = 3_000;

/** The first hour: there is no config yet. The page goes on by itself as soon as there is one. */
export function FirstHour() {
  useEffect(() => {
    const timer = setInterval(async () => {
      try {
        const now = await body(api.session.$get());
        if (now.set_up) session.value = now;
      } catch {
        // The console is asked again.
      }
    }, lookEvery);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="first" id="main">
      <Page
        title="The first hour"
        command="init"
        sentence="This folder has no config yet; nothing is read and nothing is written."
      >
        <Note>
          The command below asks for the account and the database, tries them, and writes <code>config.yaml</code>,{" "}
          <code>.env</code> and <code>mappings/</code>. Run it in this folder, on a second terminal: this page goes on
          by itself.
        </Note>
      </Page>
    </main>
  );
}
