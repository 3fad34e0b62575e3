import { createHash, randomBytes } from "node:crypto";
import type { Database } from "../database/database.ts";
import { deleteSession, findSession, insertSession, touchSession } from "../database/tables/console-sessions.ts";

/** Milliseconds after which an unused session ends, and after which every session ends. */
const idle = 12 * 3_600_000;
const longest = 7 * 24 * 3_600_000;
/** Minimum time (ms) between two notes that a session is in use. */
const touchEvery = 60_000;

/** A person's session. */
export interface OpenSession {
  name: string;
  /** The value that each writing request carries in a header. */
  token: string;
  /** Its end if it is not used meanwhile, an instant `…Z`. */
  ends: string;
}

/** The sessions of a console. A cookie holds the secret of one, of which only a hash is kept. */
export interface Sessions {
  /** Begins a session, and returns its secret. */
  open(name: string): Promise<OpenSession & { secret: string }>;
  /** Returns the session of a secret; undefined if it has ended, or never began. */
  find(secret: string): Promise<OpenSession | undefined>;
  end(secret: string): Promise<void>;
}

/** A session as it is kept. */
export interface KeptSession {
  name: string;
  token: string;
  /** Epoch milliseconds. */
  startedAt: number;
  usedAt: number;
}

interface Store {
  insert(mark: string, session: KeptSession): Promise<void> | void;
  find(mark: string): Promise<KeptSession | undefined> | KeptSession | undefined;
  touch(mark: string, usedAt: number): Promise<void> | void;
  remove(mark: string): Promise<void> | void;
}

/** Returns sessions that end with the process. */
export function sessionsInMemory(now: () => number = Date.now): Sessions {
  const kept = new Map<string, KeptSession>();
  return sessionsOf(
    {
      insert: (mark, session) => void kept.set(mark, session),
      find: (mark) => kept.get(mark),
      touch: (mark, usedAt) => {
        const session = kept.get(mark);
        if (session !== undefined) session.usedAt = usedAt;
      },
      remove: (mark) => void kept.delete(mark),
    },
    now,
  );
}

/** Returns sessions that several processes on a database share, and that outlive a restart. */
export function sessionsIn(database: Database, now: () => number = Date.now): Sessions {
  return sessionsOf(
    {
      insert: (mark, session) => insertSession(database, mark, session, now() - longest),
      find: (mark) => findSession(database, mark),
      touch: (mark, usedAt) => touchSession(database, mark, usedAt),
      remove: (mark) => deleteSession(database, mark),
    },
    now,
  );
}

function sessionsOf(store: Store, now: () => number): Sessions {
  const endOf = ({ startedAt, usedAt }: KeptSession) => Math.min(startedAt + longest, usedAt + idle);
  const told = (session: KeptSession): OpenSession => ({
    name: session.name,
    token: session.token,
    ends: new Date(endOf(session)).toISOString(),
  });
  return {
    async open(name) {
      const secret = randomText();
      const session = { name, token: randomText(), startedAt: now(), usedAt: now() };
      await store.insert(markOf(secret), session);
      return { ...told(session), secret };
    },
    async find(secret) {
      const mark = markOf(secret);
      const session = await store.find(mark);
      if (session === undefined) return undefined;
      if (now() >= endOf(session)) {
        await store.remove(mark);
        return undefined;
      }
      if (now() - session.usedAt < touchEvery) return told(session);
      await store.touch(mark, now());
      return told({ ...session, usedAt: now() });
    },
    end: async (secret) => store.remove(markOf(secret)),
  };
}

function randomText(): string {
  return randomBytes(32).toString("base64url");
}

/** Returns the hash by which a session is found: who reads the database cannot use it. */
function markOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
