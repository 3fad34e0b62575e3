import { useEffect, useRef, useState } from "preact/hooks";
import { post } from "../../acts.ts";
import { base } from "../../address.ts";
import { api, body, send, session } from "../../api.ts";
import { useDoing, useLoaded } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Note } from "../../parts/quiet.tsx";

/** The sign-in. After a session's end it stands above the page, so that nothing that was typed is lost. */
export function SignIn({ over = false }: { over?: boolean }) {
  const [name, setName] = useState(session.value?.name ?? "");
  const [password, setPassword] = useState("");
  const { doing, failure, act } = useDoing();
  const way = useLoaded("sign-in", async () => (await send(`${base}api/sign-in`)).json() as Promise<{ by: string }>);
  const by = way.value?.by;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!over) document.title = "Sign in · pipedrive-planhat";
    else dialog.current?.showModal();
  }, [over]);
  const signIn = (event: Event) => {
    event.preventDefault();
    void act(async () => {
      await post("sign-in", { name, password });
      setPassword("");
      session.value = await body(api.session.$get());
    });
  };
  const form =
    by === undefined ? null : by !== "password" ? (
      <Note kind="w">
        {by === "link" ? (
          <>
            Open the link that <code>pipedrive-planhat console</code> printed; it works once. Start it again for a new
            one.
          </>
        ) : (
          "Sign in where you always do: the proxy before this page says who you are. Then load the page again."
        )}
      </Note>
    ) : (
      <form class={over ? "" : "box"} onSubmit={signIn}>
        <label class="lab">
          Name
          <input
            type="text"
            name="name"
            autocomplete="username"
            required
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label class="lab">
          Password
          <input
            type="password"
            name="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {failure !== undefined && (
          <Note kind="b">
            {failure.message} {failure.hint}
          </Note>
        )}
        <Button type="submit" look="pri" busy={doing}>
          Sign in
        </Button>
      </form>
    );
  if (over)
    return (
      <dialog ref={dialog} aria-labelledby="over" onCancel={(event) => event.preventDefault()}>
        <h2 id="over">Your session has ended</h2>
        <p class="now below">{by === "password" ? "Sign in again; what" : "What"} you typed is still there.</p>
        {form}
      </dialog>
    );
  return (
    <main class="sign">
      <div>
        <h1>pipedrive-planhat</h1>
        <p class="now">Sign in to see and run the sync between Pipedrive and Planhat.</p>
      </div>
      {form}
      {by === "password" && (
        <p class="sub">
          Who may sign in stands in <code>console.users</code> of the config. On the machine itself,{" "}
          <code>pipedrive-planhat console</code> prints a link that needs no password.
        </p>
      )}
    </main>
  );
}
