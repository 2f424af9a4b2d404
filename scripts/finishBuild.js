// What tsc does not do: joining modules into few files, those of some packages with them, so that they
// are no dependencies of who installs this one; assets; licences.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { build } from 'rolldown';

/** Where tsc writes to. */
const MODULES = '.cache/build';
const PICTURE = 'report/picture';
const FONTS = 'node_modules/@fontsource/noto-sans';

/** What is started or imported from outside: the program, and two parts that tests use as built. */
const ENTRIES = ['cli/main', `${PICTURE}/writePicture`, 'record/own/recordFileWriter'];

/**
 * echarts is 63 MB, of which pictures need 0.6: its used parts go into the one module that imports
 * it.
 */
function joinPictureParts() {
  const { metafile } = buildSync({
    entryPoints: [`${MODULES}/${PICTURE}/echarts.js`],
    outfile: `${MODULES}/${PICTURE}/echarts.js`,
    allowOverwrite: true,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    metafile: true,
  });
  return Object.keys(metafile.inputs);
}

/** What many commands need goes together; what is loaded only when needed stays apart. */
const GROUPS = [
  { name: 'common', test: /\/build\/(?:base|damon)\//, minShareCount: 4 },
  { name: 'options', test: /\/build\/cli\/(?:options|.*\/\w*Options)\.js$/, minShareCount: 2 },
  { name: 'reading', test: /\/build\/record\//, minShareCount: 3 },
  {
    name: 'reports',
    test: /\/build\/(?:cli\/)?report\/(?!picture|html|chart)/,
    minShareCount: 3,
  },
];

/**
 * Finding, reading and linking a file for each module, also those of yargs, takes a good part of the
 * time of a short command. Code stays readable, in stack traces too. Packages with state or native
 * parts stay packages.
 */
async function joinModules() {
  const { output } = await build({
    input: Object.fromEntries(ENTRIES.map((entry) => [entry, `./${MODULES}/${entry}.js`])),
    external: [
      /^node:/,
      'bcryptjs',
      'express',
      'prom-client',
      /^@opentelemetry\//,
      '@napi-rs/canvas',
    ],
    resolve: {
      alias: {
        'string-width': resolve('scripts/narrowWidth.js'),
        // Its modules for Node are CommonJS, which cannot be joined with ours.
        yaml: resolve('node_modules/yaml/browser/index.js'),
      },
    },
    platform: 'node',
    output: {
      dir: 'dist',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
      codeSplitting: { groups: GROUPS },
      comments: { legal: false },
    },
  });
  return output.flatMap((file) => ('modules' in file ? Object.keys(file.modules) : []));
}

/** All of the live page's code in one small file. */
function joinPage() {
  buildSync({
    entryPoints: ['src/page/main.ts'],
    outfile: 'dist/server/page/live.js',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    platform: 'browser',
    tsconfig: 'src/page/tsconfig.json',
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/** Folders of the packages that these files come from. */
function listPackages(inputs) {
  const folders = inputs.flatMap(
    (input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.slice(1) ?? [],
  );
  return [...new Set([...folders, FONTS])].sort();
}

/** What the licences of joined packages ask for. */
function shipLicenses(inputs) {
  const sections = listPackages(inputs).flatMap((folder) => {
    const files = readdirSync(folder).filter((file) =>
      /^(licen[cs]e|notice)([-.][\w.-]+)?$/i.test(file),
    );
    if (files.length === 0) throw new Error(`${folder}: no licence found`);
    const name = folder.replace(/^.*node_modules\//, '');
    return files.map((file) => `==== ${name}\n\n${readFileSync(join(folder, file), 'utf8')}`);
  });
  writeFileSync('dist/THIRD_PARTY_LICENSES', sections.join('\n'));
}

function shipAssets() {
  cpSync('src/server/page', 'dist/server/page', { recursive: true });
  for (const part of ['page.css', 'page.js']) {
    cpSync(`src/report/html/${part}`, `dist/report/html/${part}`);
  }
  mkdirSync(`dist/${PICTURE}/fonts`, { recursive: true });
  for (const subset of ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese']) {
    const name = `noto-sans-${subset}-400-normal.woff2`;
    cpSync(`${FONTS}/files/${name}`, `dist/${PICTURE}/fonts/${name}`);
  }
}

// What an earlier build left would be shipped, too.
rmSync('dist', { recursive: true, force: true });
const pictureParts = joinPictureParts();
const modules = await joinModules();
joinPage();
chmodSync('dist/cli/main.js', 0o755);
shipAssets();
shipLicenses([...pictureParts, ...modules]);
