/** Exit statuses of the command line, one per kind of failure. */
export const EXIT_STATUS = {
  ok: 0,
  /** What was asked for was tried and did not work. */
  failure: 1,
  /** The command line was wrong; nothing was tried. */
  usage: 2,
  /** A configuration file was wrong; nothing was changed. */
  config: 3,
  /** The kernel lacks, refused or withheld something. */
  kernel: 4,
  /** A record could not be read or written. */
  record: 5,
  /** A defect of this program. */
  internal: 70,
} as const;

export type ErrorCode = Exclude<keyof typeof EXIT_STATUS, 'ok'>;

/**
 * An error meant for people. The message says what was attempted, on what, what was found, what
 * was expected, and, where there is something, what to do. `cli/main.ts` prints it without a stack.
 */
export class ExporterError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The command line asks for something that does not exist or cannot be combined. */
export class UsageError extends ExporterError {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}

export interface KernelErrorDetail {
  /** What was attempted: "read", "write", "list", … */
  readonly operation: string;
  /** The file as a person finds it on this machine. */
  readonly path: string;
  /** What was written, for writes. */
  readonly value?: string;
  /** Symbolic errno such as "EBUSY"; undefined when the kernel answered but with nonsense. */
  readonly errno?: string;
  /** What was found or expected, and what to do: follows the errno in the message. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A kernel file could not be read, written or understood. */
export class KernelError extends ExporterError {
  readonly operation: string;
  readonly path: string;
  readonly errno: string | undefined;

  constructor(detail: KernelErrorDetail) {
    const { operation, path, value, errno, hint } = detail;
    const attempted =
      value === undefined ? `${operation} ${path}` : `${operation} "${value}" to ${path}`;
    const found = [errno, hint].filter((part) => part !== undefined).join('; ');
    super('kernel', `${attempted}: ${found}`, { cause: detail.cause });
    this.operation = operation;
    this.path = path;
    this.errno = errno;
  }
}

export interface RecordErrorDetail {
  /** What was attempted: "read", "write", "open", … */
  readonly operation: string;
  readonly path: string;
  /** Where in the file. */
  readonly byteOffset?: number;
  /** What was found, what was expected, and what to do. */
  readonly hint: string;
  readonly cause?: unknown;
}

/** A record could not be read, understood or written. */
export class RecordError extends ExporterError {
  readonly path: string;
  readonly byteOffset: number | undefined;

  constructor(detail: RecordErrorDetail) {
    const { operation, path, byteOffset, hint } = detail;
    const where = byteOffset === undefined ? path : `${path} at byte ${byteOffset}`;
    super('record', `${operation} ${where}: ${hint}`, { cause: detail.cause });
    this.path = path;
    this.byteOffset = byteOffset;
  }
}

export interface ConfigProblem {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Which value, what was found, what was expected. */
  readonly message: string;
}

export interface ConfigErrorDetail {
  /** What holds the configuration: a path, or an option. */
  readonly name: string;
  /** In the order of the text. */
  readonly problems: readonly ConfigProblem[];
  /** Problems that are not listed. */
  readonly nrMore?: number;
  readonly cause?: unknown;
}

/** A configuration says something that cannot be done: tells every problem, with its place. */
export class ConfigError extends ExporterError {
  readonly problems: readonly ConfigProblem[];

  constructor({ name, problems, nrMore = 0, cause }: ConfigErrorDetail) {
    const lines = problems.map(
      ({ line, column, message }) => `${name}:${line}:${column}: ${message}`,
    );
    if (nrMore > 0) lines.push(`… and ${nrMore} more`);
    const nrProblems = problems.length + nrMore;
    const heading = nrProblems === 1 ? [] : [`${nrProblems} problems`];
    super('config', [...heading, ...lines].join('\n'), { cause });
    this.problems = problems;
  }
}

/** True for a kernel error with one of the given errnos. */
export function isKernelErrno(error: unknown, ...errnos: readonly string[]): error is KernelError {
  return error instanceof KernelError && error.errno !== undefined && errnos.includes(error.errno);
}

/** The text of anything thrown, for messages that wrap it. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
