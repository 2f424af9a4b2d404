import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The kernels under test, by the directory `fetchKernels.sh` puts them into. */
export const KERNELS = ['6.12', '7.2'] as const;
export type GuestKernel = (typeof KERNELS)[number];

export const INITRAMFS = '.cache/vm/initramfs.cpio';

export interface GuestJob {
  readonly kernel: GuestKernel;
  /** A program of test/vm/guest, without `.ts`. */
  readonly job: string;
  /** From power-on to power-off. */
  readonly timeoutSeconds: number;
}

export interface GuestResults {
  /** What the job reported through `report()`, in order. */
  readonly reports: readonly unknown[];
  /** The whole console, for what no report can tell. */
  readonly consoleText: string;
}

/** From power-on to the first line of init, at most: 4 s on an idle machine. */
const BOOT_SECONDS = 180;
const BOOT_MARK = '=== booted';

interface Boot {
  readonly isBooted: boolean;
  readonly isTimedOut: boolean;
  readonly consoleText: string;
}

function getKernelsDir(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(process.env['DAMON_KERNELS_DIR'] ?? join(cache, 'damon-kernels'), 'k');
}

/** Boots once and waits for power-off; the console also goes to a file as it comes. */
async function boot(job: GuestJob, resultsPath: string, consolePath: string): Promise<Boot> {
  const image = join(getKernelsDir(), job.kernel, 'vmlinuz');
  const args = [image, INITRAMFS, resultsPath, job.job];
  const guest = spawn('test/vm/bootGuest.sh', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const consoleFile = createWriteStream(consolePath);
  let consoleText = '';
  let isTimedOut = false;
  for (const stream of [guest.stdout, guest.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      consoleText += chunk;
      consoleFile.write(chunk);
    });
  }
  const end = (): void => {
    guest.kill('SIGKILL');
  };
  // A guest must not outlive a test run that is interrupted.
  process.once('exit', end);
  const isBooted = (): boolean => consoleText.includes(BOOT_MARK);
  const bootTimer = setTimeout(() => {
    if (!isBooted()) end();
  }, BOOT_SECONDS * 1000);
  const runTimer = setTimeout(() => {
    isTimedOut = true;
    end();
  }, job.timeoutSeconds * 1000);
  try {
    await new Promise<void>((resolve, reject) => guest.on('error', reject).on('close', resolve));
  } finally {
    clearTimeout(bootTimer);
    clearTimeout(runTimer);
    process.off('exit', end);
    consoleFile.end();
  }
  return { isBooted: isBooted(), isTimedOut, consoleText };
}

function parseReports(resultsPath: string): unknown[] {
  const lines = readFileSync(resultsPath, 'utf8').split('\n');
  // Killed guests may leave half a line.
  lines.pop();
  return lines.map((line): unknown => JSON.parse(line));
}

function explainFailure(job: GuestJob, result: Boot): string | undefined {
  if (!result.isBooted) return 'never came up';
  if (result.isTimedOut) return `did not end within ${job.timeoutSeconds} s`;
  const exit = /=== exit (\d+)/.exec(result.consoleText)?.[1];
  if (exit === undefined) return 'crashed before the job ended';
  return exit === '0' ? undefined : `ended with exit status ${exit}`;
}

/**
 * Boots a kernel, runs one job in it and returns what the job reported.
 *
 * Files: console and reports of the last run in .cache/vm/<job>-<kernel>.{console,reports}.
 * @throws Error with the end of the console when there is no kernel or QEMU, when the guest does
 * not come up, or when the job fails or takes too long
 */
export async function runGuest(job: GuestJob): Promise<GuestResults> {
  const name = `.cache/vm/${job.job}-${job.kernel}`;
  const [resultsPath, consolePath] = [`${name}.reports`, `${name}.console`];
  mkdirSync('.cache/vm', { recursive: true });
  rmSync(resultsPath, { force: true });
  let result = await boot(job, resultsPath, consolePath);
  // Under emulation 1 boot in 20 or so crashes before init (see bootGuest.sh): no fault of the job.
  if (!result.isBooted) result = await boot(job, resultsPath, consolePath);
  const failure = explainFailure(job, result);
  if (failure !== undefined) {
    const tail = result.consoleText.split('\n').slice(-40).join('\n');
    throw new Error(`guest ${job.kernel}, job ${job.job}: ${failure}; ${consolePath}:\n${tail}`);
  }
  return { reports: parseReports(resultsPath), consoleText: result.consoleText };
}
