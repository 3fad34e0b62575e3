import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { packageRoot } from "../connector/package-root.ts";
import { openTab, startBrowser } from "../test/console-page/browser.ts";
import { startConsole } from "../test/console-page/running-console.ts";
import { type SandboxSync, sandboxSync } from "../test/sandbox-sync.ts";
import { costSoFar, median } from "./measured-run.ts";
import { type Figure, writeResults } from "./results.ts";

/**
 * Measures the console in headless Chromium: the bytes of its first load and of the editor, and the time until the
 * overview is there. Then a search among many companies, a keystroke in the editor, and open pages that nobody touches.
 * Arguments: the companies, and the open pages.
 */
const companies = Number(process.argv[2] ?? 100_000);
const openPages = Number(process.argv[3] ?? 50);
const loads = 7;
const keystrokes = 15;
const idleSeconds = 30;

/** Texts that people search: a part of a name, a name, an id, an e-mail, a pasted address, and nothing's name. */
const searches = [
  "Company 77",
  "pany 99",
  "Company 54321 Limited",
  "4711",
  "person1004711@",
  "https://acme.pipedrive.com/organization/4711",
  "no such company",
];

const setting = await sandboxSync("server", { organizations: 60, persons: 100, deals: 150, notes: 100 });
// Files of one's own: those that the package ships are not edited.
for (const name of ["organizations.yaml", "persons.yaml", "notes.yaml", "deals.yaml"])
  setting.map({ [name]: readFileSync(`${packageRoot}mappings/${name}`, "utf8") });
await setting.sync();
await fill(setting);
let child: ChildProcess | undefined;
const served = await startConsole({
  ...setting,
  run: (args, onStart) =>
    setting.run(args, (started) => {
      child = started;
      onStart?.(started);
    }),
});
const browser = await startBrowser();
try {
  const figures: Figure[] = [];
  const tab = await openTab(browser, served.url);
  const received = await countBytes(tab.page);
  await tab.page.goto(served.link);
  await tab.page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await tab.page.waitForLoadState("networkidle").catch(() => undefined);
  const first = received.take();
  figures.push(figure("console: files of the first load, without the editor", first.files / 1000, "KB", 80));
  figures.push({ figure: "- its answers of the API", measured: first.answers / 1000, unit: "KB" });
  await tab.open("mapping/deals");
  await tab.page.locator(".cm-content").waitFor();
  await sleep(500);
  figures.push(figure("- the mapping editor, when it is opened", received.take().files / 1000, "KB", 200));

  const overview: number[] = [];
  for (let load = 0; load < loads; load++) {
    const started = performance.now();
    await tab.open("");
    overview.push(performance.now() - started);
  }
  figures.push(figure("- overview usable, cached files, median", median(overview), "ms", 500));

  const times = new Map<string, number>();
  for (const text of searches) times.set(text, await searchTime(tab.page, text));
  const count = companies.toLocaleString("en-US");
  figures.push(figure(`- search among ${count} companies, median`, median([...times.values()]), "ms", 100));
  figures.push(figure("- search, the slowest kind", Math.max(...times.values()), "ms", 100));

  const typed = await keystrokeTimes(tab.page);
  figures.push(figure("- a keystroke shows its problem, median", median(typed), "ms", 150));

  figures.push(figure(`- ${openPages} open pages: a core's share`, await idleShare(tab.page), "%", 5));
  writeResults("console", figures, { overview, searches: Object.fromEntries(times), typed });
} finally {
  await browser.close();
  await served.end();
  await setting.close();
}

function figure(name: string, measured: number, unit: string, most: number): Figure {
  return { figure: name, measured, unit, asked: { most } };
}

/** Adds companies and an end user of each by SQL: their number matters, not how they came. */
async function fill({ look }: SandboxSync): Promise<void> {
  await look(
    `insert into planhat.companies (source_id, name, city, country)
     select (1000000 + n)::text, 'Company ' || n || case when n % 3 = 0 then ' Limited' else ' Group' end,
            'City ' || n % 500, 'EE'
     from generate_series(1, $1::int) as n`,
    [companies],
  );
  await look(
    `insert into planhat.endusers (source_id, company_id, email, first_name, last_name)
     select source_id, id, 'person' || source_id || '@company' || id || '.example', 'Ann', 'Example ' || id
     from planhat.companies where source_id::bigint > 1000000`,
  );
  await look("analyze planhat.companies");
  await look("analyze planhat.endusers");
}

/** Counts the bytes that a page receives, as they come over the wire: of its files, and of the API's answers. */
async function countBytes(page: Page): Promise<{ take(): { files: number; answers: number } }> {
  let bytes = { files: 0, answers: 0 };
  const urls = new Map<string, string>();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  session.on("Network.requestWillBeSent", ({ requestId, request }) => urls.set(requestId, request.url));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    bytes[urls.get(requestId)?.includes("/api/") ? "answers" : "files"] += encodedDataLength;
  });
  return {
    take() {
      const taken = bytes;
      bytes = { files: 0, answers: 0 };
      return taken;
    },
  };
}

/** Returns the median time (ms) of a search, as the page sees it, without a browser's drawing. */
async function searchTime(page: Page, text: string): Promise<number> {
  const times = await page.evaluate<number[], string>(async (asked) => {
    const found: number[] = [];
    for (let time = 0; time < 7; time++) {
      const started = performance.now();
      const answer = await fetch(`/console/api/search?text=${encodeURIComponent(asked)}`);
      if (!answer.ok) throw new Error(await answer.text());
      await answer.json();
      found.push(performance.now() - started);
    }
    return found;
  }, text);
  return median(times);
}

/** Types a letter that breaks the mapping and waits until the page says so; then takes it back. */
async function keystrokeTimes(page: Page): Promise<number[]> {
  await page.goto(`${served.url}mapping/deals`);
  const line = page.locator(".cm-line").filter({ hasText: "stream" }).first();
  await line.click();
  await page.keyboard.press("End");
  const problem = page.getByText(/errors?: no sync starts with it/);
  const times: number[] = [];
  for (let time = 0; time < keystrokes; time++) {
    const started = performance.now();
    await page.keyboard.type("x");
    await problem.waitFor();
    times.push(performance.now() - started);
    await page.keyboard.press("Backspace");
    await problem.waitFor({ state: "detached" });
  }
  return times;
}

/** Opens pages beside one that stand still, and returns the share of a core (%) that the console takes for them. */
async function idleShare(page: Page): Promise<number> {
  await page.goto(served.url);
  // Each in a browser of its own: one browser opens six connections to a server, and each page keeps one.
  const storageState = await page.context().storageState();
  for (let further = 1; further < openPages; further++) {
    const other = await (await browser.newContext({ storageState })).newPage();
    await other.goto(served.url);
    await other.locator("h1").first().waitFor();
  }
  await sleep(5_000);
  const before = costSoFar(child?.pid)!.cpuSeconds;
  await sleep(idleSeconds * 1000);
  return ((costSoFar(child?.pid)!.cpuSeconds - before) / idleSeconds) * 100;
}
