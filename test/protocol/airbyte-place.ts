import type { ChildProcess } from "node:child_process";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../connector/sandbox/server.ts";
import { streamNames } from "../../connector/stream-name.ts";
import { makeWorkplace, runBin, type Workplace } from "../run-bin.ts";
import { type Message, messagesOf } from "./airbyte-messages.ts";

/** The answer of a verb: its messages, each of them valid. */
export interface VerbResult {
  status: number | null;
  messages: Message[];
  stdout: string;
  stderr: string;
}

/** A sandbox account, and a folder with config and catalog, as an orchestrator has them. */
export interface AirbytePlace {
  sandbox: Sandbox;
  place: Workplace;
  /** Runs a verb and checks every line of its stdout. */
  verb(args: readonly string[], onStart?: (child: ChildProcess) => void): Promise<VerbResult>;
  /** Runs `read` over the streams of the last `configure`, with a state if given. */
  read(state?: unknown, onStart?: (child: ChildProcess) => void): Promise<VerbResult>;
  /** Writes the configured catalog. */
  configure(syncMode: string, streams?: readonly string[], more?: JsonObject): void;
  close(): Promise<void>;
}

/** Sets a test up with an account of its own; a small one unless `options` say otherwise. */
export async function airbytePlace(options: SandboxOptions = {}): Promise<AirbytePlace> {
  const sandbox = await startSandbox({
    organizations: 12,
    persons: 20,
    deals: 30,
    notes: 30,
    burstLimit: 1000,
    ...options,
  });
  const place = makeWorkplace();
  place.write("config.json", JSON.stringify({ company_url: sandbox.url, api_token: sandbox.token }));
  const verb: AirbytePlace["verb"] = async (args, onStart) => {
    const { status, stdout, stderr } = await runBin(
      place.folder,
      args.includes("--config") ? args : [...args, "--config", "config.json"],
      onStart === undefined ? {} : { onStart },
    );
    return { status, messages: messagesOf(stdout), stdout, stderr };
  };
  return {
    sandbox,
    place,
    verb,
    configure(syncMode, streams = streamNames, more = {}) {
      place.write("catalog.json", JSON.stringify(configuredCatalog(syncMode, streams, more)));
    },
    read(state, onStart) {
      if (state === undefined) return verb(["read", "--catalog", "catalog.json"], onStart);
      place.write("state.json", typeof state === "string" ? state : JSON.stringify(state));
      return verb(["read", "--catalog", "catalog.json", "--state", "state.json"], onStart);
    },
    async close() {
      await sandbox.close();
      place.remove();
    },
  };
}

function configuredCatalog(syncMode: string, streams: readonly string[], more: JsonObject): JsonObject {
  return {
    streams: streams.map((name) => ({
      stream: { name, json_schema: {}, supported_sync_modes: ["full_refresh", "incremental"] },
      sync_mode: syncMode,
      destination_sync_mode: "append_dedup",
      primary_key: [["id"]],
      ...more,
    })),
  };
}
