// What tsc does not do: modes, page assets, and the parts of other packages that are shipped.
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const PICTURE = 'dist/report/picture';

/**
 * echarts is 63 MB, of which pictures need 0.6: its used parts go into the one module that imports
 * it. The same for the fonts. Neither is a dependency of who installs the package.
 */
function shipPictureParts() {
  buildSync({
    entryPoints: [`${PICTURE}/echarts.js`],
    outfile: `${PICTURE}/echarts.js`,
    allowOverwrite: true,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
  });
  const fonts = 'node_modules/@fontsource/noto-sans';
  mkdirSync(`${PICTURE}/fonts`, { recursive: true });
  for (const subset of ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese']) {
    const name = `noto-sans-${subset}-400-normal.woff2`;
    cpSync(`${fonts}/files/${name}`, `${PICTURE}/fonts/${name}`);
  }
  // Where npm put the packages behind echarts depends on what else is installed.
  const requireFromEcharts = createRequire(resolve('node_modules/echarts/package.json'));
  const texts = [
    ['echarts', 'node_modules/echarts/NOTICE'],
    ['echarts', 'node_modules/echarts/LICENSE'],
    ['zrender', join(dirname(requireFromEcharts.resolve('zrender/package.json')), 'LICENSE')],
    ['tslib', join(dirname(requireFromEcharts.resolve('tslib')), 'LICENSE.txt')],
    ['Noto Sans', `${fonts}/LICENSE`],
  ];
  const sections = texts.map(([name, file]) => `==== ${name}\n\n${readFileSync(file, 'utf8')}`);
  writeFileSync(`${PICTURE}/THIRD_PARTY_LICENSES`, sections.join('\n'));
}

chmodSync('dist/cli/main.js', 0o755);
if (existsSync('src/server/page')) {
  cpSync('src/server/page', 'dist/server/page', { recursive: true });
}
for (const part of ['page.css', 'page.js']) {
  cpSync(`src/report/html/${part}`, `dist/report/html/${part}`);
}
shipPictureParts();
