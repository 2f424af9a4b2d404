import { once } from 'node:events';
import { connect } from 'node:net';

/** One connection to an exporter, kept open as scrapers do. */
export interface ScrapeClient {
  /** Milliseconds from asking until the whole answer is there. */
  scrapeMs(): Promise<number>;
  close(): void;
}

const HEAD_END = '\r\n\r\n';
/** Of an answer in chunks. No line of the text format ends like this. */
const LAST_CHUNK = '\r\n0\r\n\r\n';

/** Whether these are all bytes of an answer. */
function isWhole(pieces: readonly Buffer[], length: number): boolean {
  const [first] = pieces;
  const headLength = first?.indexOf(HEAD_END) ?? -1;
  if (first === undefined || headLength === -1) return false;
  const head = first.toString('latin1', 0, headLength);
  if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`the exporter answered ${head}`);
  const [, contentLength] = /^content-length: (\d+)$/im.exec(head) ?? [];
  if (contentLength !== undefined) {
    return length === headLength + HEAD_END.length + Number(contentLength);
  }
  const tail = pieces.at(-1)?.subarray(-LAST_CHUNK.length).toString('latin1');
  return tail === LAST_CHUNK;
}

/**
 * Asks as Prometheus does and looks at nothing but the end of the answer: Node's own client takes as
 * long as a good part of what is measured.
 */
export async function createScrapeClient(url: string): Promise<ScrapeClient> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const request = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: text/plain;version=0.0.4\r\n\r\n`;
  return {
    scrapeMs: () =>
      new Promise((resolve, reject) => {
        const pieces: Buffer[] = [];
        let length = 0;
        const begin = process.hrtime.bigint();
        const end = (error?: Error): void => {
          socket.off('data', take).off('error', end).off('close', refuse);
          if (error === undefined) resolve(Number(process.hrtime.bigint() - begin) / 1e6);
          else reject(error);
        };
        const take = (piece: Buffer): void => {
          pieces.push(piece);
          length += piece.length;
          try {
            if (isWhole(pieces, length)) end();
          } catch (error) {
            end(error as Error);
          }
        };
        const refuse = (): void => {
          end(new Error('the exporter closed the connection'));
        };
        socket.on('data', take).on('error', end).on('close', refuse);
        socket.write(request);
      }),
    close: () => {
      socket.destroy();
    },
  };
}
