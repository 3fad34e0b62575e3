import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import type { BinResult } from "../run-bin.ts";
import type { SandboxSync } from "../sandbox-sync.ts";
import { openTab, startBrowser, type Tab } from "./browser.ts";

/** A running `console` of the built bin. */
export interface RunningConsole {
  /** The one-time link that it printed. */
  link: string;
  /** The address of the console, with a slash at its end. */
  url: string;
  /** Ends it with SIGTERM and returns what it told. */
  end(): Promise<BinResult>;
}

/** Starts `console` on a free port and waits for its link. Throws if it ends instead. */
export async function startConsole(setting: Pick<SandboxSync, "run">): Promise<RunningConsole> {
  let child: ChildProcess | undefined;
  let told = "";
  let over: BinResult | undefined;
  const ended = setting.run(["console", "--no-open", "--port", "0"], (started) => {
    child = started;
    started.stdout!.on("data", (text: string) => {
      told += text;
    });
  });
  void ended.then((result) => {
    over = result;
  });
  for (;;) {
    const link = /http:\/\/\S+\/link\/\S+/.exec(told)?.[0];
    if (link !== undefined)
      return {
        link,
        url: link.slice(0, link.indexOf("link/")),
        end() {
          child!.kill("SIGTERM");
          return ended;
        },
      };
    if (over !== undefined) throw new Error(`console ended with ${over.status}: ${over.stderr}`);
    await sleep(20);
  }
}

/** A running console and a browser that has followed its link. */
export interface OpenConsole {
  tab: Tab;
  page: Page;
  /** Ends both. */
  close(): Promise<void>;
}

/** Starts `console` and a browser, follows the link and waits for the overview. */
export async function openConsole(setting: Pick<SandboxSync, "run">): Promise<OpenConsole> {
  const served = await startConsole(setting);
  try {
    const browser = await startBrowser();
    const tab = await openTab(browser, served.url);
    await tab.page.goto(served.link);
    await tab.page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
    const close = async () => {
      await browser.close();
      await served.end();
    };
    return { tab, page: tab.page, close };
  } catch (error) {
    await served.end();
    throw error;
  }
}
