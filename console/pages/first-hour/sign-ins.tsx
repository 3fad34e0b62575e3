import type { ComponentChildren } from "preact";
import type { FirstAccountAnswer, FirstTenantAnswer } from "../../../connector/console/routes/first-hour.ts";
import type { useDoing } from "../../load.ts";
import { Button } from "../../parts/button.tsx";
import { Failed } from "../../parts/quiet.tsx";
import { number, recordsOf } from "../../words.ts";
import { type Typed, tryAccount, tryTenant } from "./answers.ts";

type Doing = ReturnType<typeof useDoing>;

/** The address, the token and the database: tried before anything else. */
export function AccountForm({
  typed,
  change,
  doing: { doing, failure, act },
  onFound,
}: {
  typed: Typed;
  change: (typed: Partial<Typed>) => void;
  doing: Doing;
  onFound: (account: FirstAccountAnswer) => void;
}) {
  return (
    <Form submit={() => void act(async () => onFound(await tryAccount(typed)))}>
      <label class="lab">
        Company URL, as the browser shows it
        <input
          type="text"
          required
          value={typed.url}
          placeholder="https://acme.pipedrive.com"
          onInput={(event) => change({ url: event.currentTarget.value })}
        />
      </label>
      <label class="lab">
        API token (Pipedrive: Personal preferences › API)
        <input
          type="password"
          required
          autocomplete="off"
          value={typed.token}
          onInput={(event) => change({ token: event.currentTarget.value })}
        />
      </label>
      <label class="lab">
        Database, a folder or the postgres:// URL of a server
        <input
          type="text"
          autocomplete="off"
          value={typed.database}
          placeholder="./planhat-data"
          onInput={(event) => change({ database: event.currentTarget.value })}
        />
      </label>
      <div class="row">
        <Button type="submit" look="pri" busy={doing}>
          {doing ? "Trying, and counting the objects" : "Try them"}
        </Button>
      </div>
      {failure !== undefined && <Failed failure={failure} />}
    </Form>
  );
}

/** The account that answered, with its objects counted. */
export function AccountFound({ account: { objects, user, isAdmin, database } }: { account: FirstAccountAnswer }) {
  return (
    <>
      <p class="ink2">
        {objects
          .map(({ stream, count, isExact }) => `${isExact ? "" : "up to "}${recordsOf(count, stream)}`)
          .join(", ")}
      </p>
      <p class="sub">
        The token of {user}, {isAdmin ? "an administrator" : "who does not see every record: hidden ones do not sync"}.
        Database: {database}.
      </p>
    </>
  );
}

/** The tenant of Planhat, which may stay away. */
export function TenantForm({
  typed,
  change,
  doing: { doing, failure, act },
  found,
  onFound,
}: {
  typed: Typed;
  change: (typed: Partial<Typed>) => void;
  doing: Doing;
  found: FirstTenantAnswer | undefined;
  onFound: (tenant: FirstTenantAnswer | undefined) => void;
}) {
  if (found !== undefined)
    return (
      <div class="row">
        <p class="ink2">{found.found}</p>
        <Button look="sm bare r" onPress={() => onFound(undefined)}>
          Leave it out
        </Button>
      </div>
    );
  return (
    <Form submit={() => void act(async () => onFound(await tryTenant(typed)))}>
      <p class="sub">Without it the tables alone are filled. Nothing is published before somebody agrees.</p>
      <label class="lab">
        Token of a private app in Planhat
        <input
          type="password"
          required
          autocomplete="off"
          value={typed.planhatToken}
          onInput={(event) => change({ planhatToken: event.currentTarget.value })}
        />
      </label>
      <label class="lab">
        Address of the API
        <input
          type="text"
          value={typed.planhatUrl}
          placeholder="https://api.planhat.com"
          onInput={(event) => change({ planhatUrl: event.currentTarget.value })}
        />
      </label>
      <div class="row">
        <Button type="submit" busy={doing}>
          Try the tenant
        </Button>
      </div>
      {failure !== undefined && <Failed failure={failure} />}
    </Form>
  );
}

function Form({ submit, children }: { submit: () => void; children: ComponentChildren }) {
  return (
    <form
      class="stack gap"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {children}
    </form>
  );
}

/** Returns a sentence about the account. */
export function accountSentence({ company, objects }: FirstAccountAnswer): string {
  const records = objects.reduce((sum, { count }) => sum + count, 0);
  return `The account ${company} answers, with ${number(records)} records. Nothing is written yet.`;
}
