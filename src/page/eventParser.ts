/**
 * Takes a stream of server-sent events piece by piece, however it was cut, and tells each event when
 * it is whole. Comments and fields that this program does not use are let pass.
 */
export function createEventParser(
  onEvent: (name: string, data: string) => void,
): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const events = (rest + chunk).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const name = /^event: (.*)$/m.exec(event)?.[1];
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (name !== undefined && data !== undefined) onEvent(name, data);
    }
  };
}
