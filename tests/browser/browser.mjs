// What every script with a browser needs: the browser, and counted checks.
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** How pages are looked at. Both colour schemes and both kinds of screen are judged by axe; the rest only has to fit. */
export const VIEWS = [
  { width: 320, height: 640, colorScheme: 'light' },
  { width: 360, height: 780, colorScheme: 'light', isPhone: true, isJudged: true },
  { width: 360, height: 780, colorScheme: 'dark', isPhone: true },
  { width: 1280, height: 800, colorScheme: 'light' },
  { width: 1280, height: 800, colorScheme: 'dark', isJudged: true },
];

let passed = 0;
const failures = [];

/** Counts a check, and remembers one that fails. */
export function check(what, isTrue, detail = '') {
  if (isTrue) {
    passed += 1;
  } else {
    failures.push(detail ? `${what}: ${detail}` : what);
  }
}

/** Runs `walk` with a browser, says how it went, and ends. */
export async function withBrowser(walk) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH, headless: true, args: FLAGS });
  try {
    await walk(browser);
  } catch (error) {
    failures.push(error.stack);
  } finally {
    await browser.close();
  }
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
