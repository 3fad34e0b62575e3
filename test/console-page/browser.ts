import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { expect } from "chai";
import { type Browser, chromium, type Page } from "playwright-core";
import { packageRoot } from "../../connector/package-root.ts";

/** The places of a browser that the tests can drive. */
const places = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
];

/** Arguments with which the browser asks nobody but the page's own server. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a browser without a window. Throws, and says how to get one, if there is none. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), args: quiet });
}

async function findChromium(): Promise<string> {
  const found = places.find((place) => place !== undefined && existsSync(place));
  if (found !== undefined) return found;
  const carried = "@sparticuz/chromium";
  try {
    const { default: packed } = (await import(carried)) as { default: { executablePath(): Promise<string> } };
    return await packed.executablePath();
  } catch {
    throw new Error(
      "The tests of the console need Chromium. Debian: apt-get install -y --no-install-recommends chromium. " +
        "Elsewhere: npm install --no-save @sparticuz/chromium, or name a browser in CHROMIUM.",
    );
  }
}

/** The folder of the screenshots, which people look at. */
const output = `${packageRoot}test/output/console`;
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A tab of the browser that collects what went wrong in it. */
export interface Tab {
  page: Page;
  /** Opens a path below the console and waits until the page shows what it is for. */
  open(path: string): Promise<void>;
  /** Checks that nothing is wider than the window. Keeps a screenshot. */
  fits(name: string): Promise<void>;
  /** Checks the same, and that axe finds no violation. */
  look(name: string): Promise<void>;
  /** Sets the width of the window and the colours. */
  dress(width: number, colours: "light" | "dark"): Promise<void>;
  /** Throws if a script failed, something was refused, or anything but the console was asked. */
  expectQuiet(): void;
  /** Removes from what was collected the messages that a test expects. */
  expected(message: RegExp): void;
}

/** Opens a tab; `console` is the address of the console, with a slash at its end. */
export async function openTab(browser: Browser, console: string): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  let faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      faults.push(`${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(console).origin && protocol !== "data:") faults.push(`asked ${request.url()}`);
  });
  mkdirSync(output, { recursive: true });
  let dress = "1440 light";
  const fits = async (name: string) => {
    await shown(page);
    await page.screenshot({ path: `${output}/${name} ${dress}.png`, fullPage: true });
    const tooWide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect(tooWide, `${name}, ${dress}: wider than the window`).to.equal(0);
  };
  return {
    page,
    async open(path) {
      await page.goto(console + path);
      await shown(page);
    },
    fits,
    async look(name) {
      await fits(name);
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate<AxeResults>("axe.run()");
      const told = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
      );
      expect(told, `${name}, ${dress}`).to.deep.equal([]);
    },
    async dress(width, colours) {
      dress = `${width} ${colours}`;
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: colours, reducedMotion: "reduce" });
    },
    expectQuiet() {
      expect(faults).to.deep.equal([]);
    },
    expected(message) {
      faults = faults.filter((fault) => !message.test(fault));
    },
  };
}

/** Waits until nothing on the page is loading any more. */
async function shown(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await page.locator(".sk").first().waitFor({ state: "detached" });
}
