import { createKeywordParser, parseBool, parseUlong } from './attributeValue.ts';
import { Errno, StaticDir, createTextFile } from './kernelNode.ts';
import type { FileNode, NodeStream } from './kernelNode.ts';
import { RingBuffer, SUB_BUFFER_BYTES } from './ringBuffer.ts';
import { formatTraceEvent } from './traceEvent.ts';
import type { TraceEvent } from './traceEvent.ts';

/** What all instances share. */
export interface TraceHost {
  readonly events: readonly TraceEvent[];
  readonly nrCpus: number;
  /** CLOCK_MONOTONIC, ns. */
  nowNs(): bigint;
  /** The type `header_page` gives its overwrite flag: `char`, before 7.2 `int`. */
  readonly overwriteType: 'char' | 'int';
}

const CLOCKS = ['local', 'global', 'counter', 'uptime', 'perf', 'mono', 'mono_raw', 'boot', 'tai'];
/** Clocks that run beside CLOCK_MONOTONIC are this far behind it. */
const OTHER_CLOCK_LAG_NS = 37_000_000n;
const DEFAULT_KB = 1407;
/** The kernel keeps sub-buffers in reserve, and counts part of them. */
const RESERVED_KB = 3;
const LARGEST_KB = 64 * 1024;

/** One trace buffer with its switches: the top level, or a directory in `instances`. */
export class TraceInstance {
  /** `events`, `per_cpu`, `trace_clock`, … */
  readonly dir: StaticDir = new StaticDir();
  readonly #host: TraceHost;
  readonly #enabled: Set<string> = new Set<string>();
  readonly #buffers: RingBuffer[];
  #isOn = true;
  #clock = 'local';
  #sizeKb: number = DEFAULT_KB;
  #nrOpen = 0;

  constructor(host: TraceHost) {
    this.#host = host;
    this.#buffers = Array.from(
      { length: host.nrCpus },
      () => new RingBuffer(Math.ceil(DEFAULT_KB / 4)),
    );
    this.#fillDir();
  }

  /** Somebody has one of its streams open. */
  get isBusy(): boolean {
    return this.#nrOpen > 0;
  }

  isEnabled(eventName: string): boolean {
    return this.#isOn && this.#enabled.has(eventName);
  }

  /** @param timeNs CLOCK_MONOTONIC */
  record(cpu: number, timeNs: bigint, payload: Uint8Array): void {
    this.#buffers[cpu]?.write(this.#toOwnClock(timeNs), payload);
  }

  #toOwnClock(timeNs: bigint): bigint {
    return this.#clock === 'mono' ? timeNs : timeNs - OTHER_CLOCK_LAG_NS;
  }

  #fillDir(): void {
    const { entries } = this.dir;
    entries.set('events', this.#createEventsDir());
    entries.set('per_cpu', this.#createPerCpuDir());
    entries.set(
      'trace_clock',
      createSwitchFile(
        () => [...CLOCKS, 'x86-tsc'].map((name) => this.#markClock(name)).join(' '),
        (text) => {
          this.#clock = createKeywordParser(CLOCKS)(text);
          this.#clear();
        },
      ),
    );
    entries.set(
      'tracing_on',
      createSwitchFile(
        () => (this.#isOn ? '1' : '0'),
        (text) => {
          this.#isOn = parseBool(text) === 'Y';
        },
      ),
    );
    entries.set(
      'buffer_size_kb',
      createSwitchFile(
        () => String(this.#sizeKb + RESERVED_KB),
        (text) => {
          this.#resize(Number(parseUlong(text)));
        },
      ),
    );
    const totalKb = (): string => `${(this.#sizeKb + RESERVED_KB) * this.#host.nrCpus}\n`;
    entries.set('buffer_total_size_kb', createTextFile(totalKb, 0o440));
    entries.set(
      'buffer_subbuf_size_kb',
      createTextFile(() => '4\n', 0o640),
    );
    entries.set(
      'options',
      new StaticDir({
        overwrite: createSwitchFile(
          () => '1',
          (text) => void parseBool(text),
        ),
      }),
    );
    entries.set(
      'current_tracer',
      createTextFile(() => 'nop\n', 0o640),
    );
  }

  #markClock(name: string): string {
    return name === this.#clock ? `[${name}]` : name;
  }

  #clear(): void {
    for (const buffer of this.#buffers) buffer.clear();
  }

  #resize(kb: number): void {
    if (kb === 0) throw new Errno('EINVAL');
    if (kb > LARGEST_KB) throw new Errno('ENOMEM');
    this.#sizeKb = Math.ceil(kb / 4) * 4;
    for (const buffer of this.#buffers) buffer.resize(this.#sizeKb / 4);
  }

  #createEventsDir(): StaticDir {
    const all = this.#host.events.map(({ name }) => name);
    const damon = new StaticDir({ enable: this.#createEnableFile(all, all.length) });
    damon.entries.set(
      'filter',
      createTextFile(() => 'none\n', 0o640),
    );
    for (const event of this.#host.events) {
      damon.entries.set(
        event.name,
        new StaticDir({
          enable: this.#createEnableFile([event.name], 1),
          format: createTextFile(() => formatTraceEvent(event), 0o440),
          id: createTextFile(() => `${event.id}\n`, 0o440),
        }),
      );
    }
    return new StaticDir({
      // There are events beside DAMON's, all of them off.
      enable: this.#createEnableFile(all, all.length + 1),
      header_page: createTextFile(() => formatHeaderPage(this.#host), 0o440),
      header_event: createTextFile(formatHeaderEvent, 0o440),
      damon,
    });
  }

  /** 0 = all off, 1 = all on, X = some. */
  #createEnableFile(names: readonly string[], nrEvents: number): FileNode {
    const read = (): string => {
      const nrOn = names.filter((name) => this.#enabled.has(name)).length;
      if (nrOn === 0) return '0';
      return nrOn === nrEvents ? '1' : 'X';
    };
    return createSwitchFile(read, (text) => {
      const isOn = parseBool(text) === 'Y';
      for (const name of names) {
        if (isOn) this.#enabled.add(name);
        else this.#enabled.delete(name);
      }
    });
  }

  #createPerCpuDir(): StaticDir {
    const perCpu = new StaticDir();
    this.#buffers.forEach((buffer, cpu) => {
      perCpu.entries.set(
        `cpu${cpu}`,
        new StaticDir({
          stats: createTextFile(() => this.#formatStats(buffer), 0o440),
          trace_pipe_raw: {
            kind: 'file',
            mode: 0o440,
            read: () => {
              throw new Errno('EAGAIN', 'open it as a stream');
            },
            openStream: () => this.#openStream(buffer),
          },
        }),
      );
    });
    return perCpu;
  }

  #openStream(buffer: RingBuffer): NodeStream {
    this.#nrOpen++;
    let isOpen = true;
    let rest = new Uint8Array(0);
    return {
      read: (into) => {
        if (rest.length === 0) rest = new Uint8Array(buffer.readPage() ?? []);
        const part = rest.subarray(0, into.length);
        into.set(part);
        // A short read leaves the rest of the page to the next one, without a header.
        rest = rest.subarray(part.length);
        return part.length;
      },
      close: () => {
        if (isOpen) this.#nrOpen--;
        isOpen = false;
      },
    };
  }

  #formatStats(buffer: RingBuffer): string {
    const { entries, overrun, bytes, oldestNs, readEvents } = buffer.stats();
    const nowNs = this.#toOwnClock(this.#host.nowNs());
    return [
      `entries: ${entries}`,
      `overrun: ${overrun}`,
      'commit overrun: 0',
      `bytes: ${bytes}`,
      `oldest event ts: ${formatSeconds(oldestNs)}`,
      `now ts: ${formatSeconds(nowNs)}`,
      'dropped events: 0',
      `read events: ${readEvents}`,
      '',
    ].join('\n');
  }
}

function formatSeconds(ns: bigint): string {
  const us = ns / 1000n;
  const seconds = (us / 1_000_000n).toString().padStart(5);
  return `${seconds}.${(us % 1_000_000n).toString().padStart(6, '0')}`;
}

function createSwitchFile(read: () => string, write: (text: string) => void): FileNode {
  return {
    kind: 'file',
    mode: 0o640,
    read: () => `${read()}\n`,
    write: (text) => {
      write(text);
      return undefined;
    },
  };
}

function formatHeaderPage({ overwriteType }: TraceHost): string {
  const dataBytes = SUB_BUFFER_BYTES - 16;
  const isSigned = overwriteType === 'int' ? 1 : 0;
  return [
    '\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;',
    '\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;',
    `\tfield: ${overwriteType} overwrite;\toffset:8;\tsize:1;\tsigned:${isSigned};`,
    `\tfield: char data;\toffset:16;\tsize:${dataBytes};\tsigned:0;`,
    '',
  ].join('\n');
}

function formatHeaderEvent(): string {
  return [
    '# compressed entry header',
    '\ttype_len    :    5 bits',
    '\ttime_delta  :   27 bits',
    '\tarray       :   32 bits',
    '',
    '\tpadding     : type == 29',
    '\ttime_extend : type == 30',
    '\ttime_stamp : type == 31',
    '\tdata max type_len  == 28',
    '',
  ].join('\n');
}
