import { collectHtmlReport } from '../../report/html/collectHtmlReport.ts';
import { renderHtmlReport } from '../../report/html/htmlReport.ts';
import { checkReplaceable, replaceFile } from '../../report/picture/replaceFile.ts';
import { readPackageInfo } from '../packageInfo.ts';
import { createNothingError, createStdoutSink, readRecord } from './readRecord.ts';
import { parseSelection } from './reportArguments.ts';
import type { RangeArguments, RecordArguments } from './reportOptions.ts';

export interface HtmlArguments extends RecordArguments, RangeArguments {
  readonly output: string;
}

/** Writes a page that shows a record. */
export async function runHtml(args: HtmlArguments): Promise<void> {
  const selection = parseSelection(args);
  const isStdout = args.output === 'stdout';
  if (!isStdout) await checkReplaceable(args.output);
  const { name, version } = readPackageInfo();
  await readRecord(args.input, async (reader) => {
    const names = { recordName: args.input, generator: `${name} ${version}` };
    const report = await collectHtmlReport(reader, selection, names);
    if (report === undefined) throw createNothingError(args.input, selection);
    const page = await renderHtmlReport(report);
    if (isStdout) await createStdoutSink().write(page);
    else await replaceFile(args.output, page);
  });
}
