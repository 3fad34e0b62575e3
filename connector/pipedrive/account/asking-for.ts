import type { StreamName } from "../../stream-name.ts";
import type { Client, Query } from "../client/client.ts";
import { isOwnRefusal } from "../client/refusal.ts";
import { streams } from "../records/streams.ts";

/** Fields to request wherever records of a stream are read. */
export type AskedFields = Readonly<Partial<Record<StreamName, readonly string[]>>>;

/** Fields that only accounts with the marketing app have (openapi-v2.yaml, `include_fields` of persons). */
const ofSomeAccounts = new Set(["marketing_status", "doi_status"]);

/** The fields requested with the records of one stream. */
class Asking {
  readonly stream: StreamName;
  readonly #paths: ReadonlySet<string>;
  readonly #one: string;
  #fields: readonly string[];

  constructor(stream: StreamName, fields: readonly string[]) {
    this.stream = stream;
    this.#fields = fields;
    this.#paths = new Set(streams[stream].lists.map(({ path }) => path));
    this.#one = `${streams[stream].one.path}/`;
  }

  /** Returns true if a path is that of a list, or of one record. */
  concerns(path: string): boolean {
    return this.#paths.has(path) || (path.startsWith(this.#one) && /^\d+$/.test(path.slice(this.#one.length)));
  }

  query(query: Query): Query {
    return this.#fields.length === 0 ? query : { ...query, include_fields: this.#fields.join(",") };
  }

  /** Returns the fields that this account may lack, and stops requesting them. */
  dropDoubtful(): string[] {
    const dropped = this.#fields.filter((field) => ofSomeAccounts.has(field));
    this.#fields = this.#fields.filter((field) => !ofSomeAccounts.has(field));
    return dropped;
  }
}

/**
 * Wraps a client so that every request for records includes these fields: lists, lists of ids, archived deals, single
 * records. Pipedrive leaves them out otherwise, and they cost no request (openapi-v2.yaml, `include_fields`). If an
 * account rejects fields that not every account has, requests continue without them, and `warn` is called once.
 */
export function askingFor(client: Client, fields: AskedFields, warn: (message: string) => void = () => {}): Client {
  const all = Object.entries(fields)
    .filter(([, names]) => names.length > 0)
    .map(([stream, names]) => new Asking(stream as StreamName, names));
  if (all.length === 0) return client;
  const asking =
    <Answered>(request: (path: string, query: Query, options: Parameters<Client["get"]>[2]) => Promise<Answered>) =>
    async (path: string, query: Query, options: Parameters<Client["get"]>[2]): Promise<Answered> => {
      const own = all.find((one) => one.concerns(path));
      if (own === undefined) return request(path, query, options);
      try {
        return await request(path, own.query(query), options);
      } catch (error) {
        if (!isOwnRefusal(error) || (error.status !== 400 && error.status !== 403)) throw error;
        const dropped = own.dropDoubtful();
        if (dropped.length === 0) throw error;
        const answer = await request(path, own.query(query), options);
        warn(
          `${own.stream}: Pipedrive rejected the request for ${dropped.join(" and ")}, which needs its marketing app. The field stays empty.`,
        );
        return answer;
      }
    };
  return {
    ...client,
    get companyDomain() {
      return client.companyDomain;
    },
    set companyDomain(domain) {
      client.companyDomain = domain;
    },
    get: asking(client.get),
    find: asking(client.find),
  };
}
