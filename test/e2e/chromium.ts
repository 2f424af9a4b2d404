import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

const PROGRAM = 'chromium';

/** Undefined, or why tests in a browser cannot run here. */
export function findMissingChromium(): string | undefined {
  const { status } = spawnSync(PROGRAM, ['--version'], { timeout: 30_000 });
  return status === 0 ? undefined : `${PROGRAM} is not installed (Debian package "chromium")`;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export interface BrowserPage {
  /** Anything the page loaded or tried to load. */
  readonly requests: readonly string[];
  /** Errors of scripts and refusals by policy. */
  readonly problems: readonly string[];
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  /** Value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** Evaluates again until the expression is true. */
  until(expression: string): Promise<void>;
  close(): Promise<void>;
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
  '--window-size=1280,1000',
];

/** Messages over two pipes, each ended by a zero byte. */
function createChannel(input: Writable, output: Readable, onEvent: (message: Message) => void) {
  const waiting = new Map<number, (message: Message) => void>();
  let nextId = 1;
  let text = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (text + chunk).split('\0');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id === undefined) onEvent(message);
      else waiting.get(message.id)?.(message);
    }
  });
  return async (method: string, params: object, sessionId?: string) => {
    const id = nextId++;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
}

/** Opens a page in a browser of its own, without a network. */
export async function openPage(url: string): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  const args = [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'];
  const browser = spawn(PROGRAM, args, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const requests: string[] = [];
  const problems: string[] = [];
  const channel = createChannel(
    browser.stdio[3] as Writable,
    browser.stdio[4] as unknown as Readable,
    ({ method, params }) => {
      const { request } = (params ?? {}) as { request?: { url: string } };
      if (method === 'Network.requestWillBeSent') requests.push(request!.url);
      if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
        problems.push(JSON.stringify(params));
      }
    },
  );
  const { targetId } = await channel('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await channel('Target.attachToTarget', { targetId, flatten: true });
  const send = (method: string, params = {}) => channel(method, params, sessionId as string);
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await send(`${domain}.enable`);
  await send('Page.navigate', { url });
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result } = await send('Runtime.evaluate', { expression, returnByValue: true });
    return (result as { value?: unknown }).value;
  };
  return {
    requests,
    problems,
    send,
    evaluate,
    until: async (expression) => {
      for (let tries = 0; tries < 200; tries += 1) {
        if ((await evaluate(expression)) === true) return;
        await wait(50);
      }
      throw new Error(`never became true in the page: ${expression}`);
    },
    close: async () => {
      const ended = new Promise((resolve) => browser.once('exit', resolve));
      await channel('Browser.close', {});
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
