import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { waitForStop } from '../../../src/cli/collecting/waitForStop.ts';
import { createMemoryLogger } from '../../support/memoryLogger.ts';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

describe('the first signal', () => {
  let nowNs = 0n;
  const clock = { monotonicNs: () => nowNs, wallMs: () => 0 };
  const exit = vi.spyOn(process, 'exit');

  beforeEach(() => {
    nowNs = 5_000_000_000n;
    exit.mockReset().mockReturnValue(undefined as never);
  });

  afterEach(() => {
    for (const signal of SIGNALS) process.removeAllListeners(signal);
  });

  test.each(SIGNALS)('%s is told', async (signal) => {
    const stopped = waitForStop(createMemoryLogger(), clock);
    process.emit(signal, signal);
    expect(await stopped).toBe(signal);
  });

  test('and the same one again at once are one wish', async () => {
    const logger = createMemoryLogger();
    const stopped = waitForStop(logger, clock);
    process.emit('SIGTERM', 'SIGTERM');
    nowNs += 900_000_000n;
    process.emit('SIGTERM', 'SIGTERM');
    expect(await stopped).toBe('SIGTERM');
    expect(exit).not.toHaveBeenCalled();
    expect(logger.messages).toEqual(['info stopping']);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('and a later %s end the process at once', (signal, status) => {
    void waitForStop(createMemoryLogger(), clock);
    process.emit('SIGTERM', 'SIGTERM');
    nowNs += 1_100_000_000n;
    process.emit(signal, signal);
    expect(exit).toHaveBeenCalledWith(status);
  });

  // Whose terminal goes may be told by the kernel and by the shell.
  test('and a later hang-up end in order', () => {
    void waitForStop(createMemoryLogger(), clock);
    process.emit('SIGHUP', 'SIGHUP');
    nowNs += 5_000_000_000n;
    process.emit('SIGHUP', 'SIGHUP');
    expect(exit).not.toHaveBeenCalled();
  });
});
