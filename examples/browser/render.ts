/**
 * The worker module: a browser of its own for each worker, and what it makes of a document. Whatever goes wrong with the
 * browser ends the worker, and with it all that is left of the browser; the pool starts another.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

export interface Settings {
  readonly executable: string;
  readonly flags: readonly string[];
  /** Each worker's browser keeps its files in here, in a folder with the worker's pid for a name. */
  readonly profiles: string;
}

let browser: Browser;
let isClosing = false;

export async function setup({ executable, flags, profiles }: Settings): Promise<void> {
  const folder = join(profiles, String(process.pid));
  await mkdir(folder);
  browser = await puppeteer.launch({
    executablePath: executable,
    userDataDir: folder,
    env: { ...process.env, TMPDIR: folder }, // what a killed browser leaves there goes with it
    args: ["--disable-gpu", "--no-first-run", "--disable-quic", "--disable-sync", ...flags],
    handleSIGINT: false, // the pool decides when a worker ends
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  browser.on("disconnected", () => {
    if (isClosing) return;
    console.error(`The browser of worker process ${process.pid} is gone`);
    process.exit(1);
  });
}

export async function teardown(): Promise<void> {
  isClosing = true;
  await browser.close();
}

export const png = (html: string): Promise<Uint8Array> =>
  withPage(html, (page) => page.screenshot({ fullPage: true }));

export const pdf = (html: string): Promise<Uint8Array> =>
  withPage(html, (page) => page.pdf({ format: "A4" }));

/** Each document has cookies and storage of its own, and no network: whoever sent it is a stranger. */
async function withPage(html: string, use: (page: Page) => Promise<Uint8Array>): Promise<Uint8Array> {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.setOfflineMode(true);
    // When a page has used up its memory, for one; what awaits the page would wait on.
    const crashed = new Promise<never>((_, reject) => page.once("error", reject));
    const used = page.setContent(html).then(() => use(page));
    return await Promise.race([used, crashed]);
  } finally {
    await context.close().catch(() => {}); // a browser that is gone has ended the worker
  }
}
