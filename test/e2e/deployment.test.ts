import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { buildStages, copyContext } from './packaging/dockerfile.ts';
import type { BuiltImage } from './packaging/dockerfile.ts';
import { listPackages } from './packaging/listPackages.ts';
import { serveProgram } from './packaging/serveProgram.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-deployment-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('the image', () => {
  let image: BuiltImage;
  beforeAll(() => {
    const context = join(dir, 'context');
    mkdirSync(context);
    copyContext('.', context);
    image = buildStages('Dockerfile', context, join(dir));
  });

  test('runs as nobody in particular, on a base without tools', () => {
    expect(image.user).toBe('65532:65532');
    expect(image.bases.at(-1)).toMatch(/^gcr\.io\/distroless\/nodejs\d+-debian\d+:nonroot$/);
  });

  test('holds the program and what it needs to run, without what built it', () => {
    const app = join(image.root, 'app');
    expect(readdirSync(app).sort()).toEqual([
      'LICENSE',
      'config',
      'dist',
      'node_modules',
      'package.json',
    ]);
    const packages = listPackages(app);
    expect(packages).toContain('express');
    expect(packages).toContain('@opentelemetry/sdk-metrics');
    for (const name of ['typescript', 'esbuild', 'vitest', 'eslint', 'tsx']) {
      expect(packages).not.toContain(name);
    }
    expect(packages.filter((name) => name.startsWith('@napi-rs/'))).toEqual([]);
  });

  test('serves, and its health check tells whether it does', async () => {
    const [, ...program] = image.entrypoint;
    const words = program.map((word) => (word.startsWith('/') ? join(image.root, word) : word));
    expect(existsSync(words[0] ?? '')).toBe(true);
    expect(image.command).toEqual(['serve']);
    const check = (port: string): number | null =>
      spawnSync(
        process.execPath,
        image.healthcheck.slice(1).map((word) => word.replace('10077', port)),
      ).status;
    const served = await serveProgram([process.execPath, ...words], {
      env: image.env,
      whileServing: (url) => {
        expect(check(new URL(url).port)).toBe(0);
      },
    });
    expect(served.metrics).toContain('damon_wss_bytes{');
    expect(check(new URL(served.url).port)).toBe(1);
  });
});

describe('the systemd unit', () => {
  const unit = join(dir, 'damon-exporter.service');
  beforeAll(() => {
    const text = readFileSync('packaging/systemd/damon-exporter.service', 'utf8');
    // The check looks for the program and the manual page.
    writeFileSync(
      unit,
      text
        .replace('/usr/local/bin/damon-exporter', '/bin/true')
        .replace(/^Documentation=.*\n/m, ''),
    );
  });

  test('is well formed', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  test('leaves a process of root little to do', () => {
    // In tenths: 2.5 of 10; a service without settings has 9.6.
    const { status, stdout } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=yes', '--no-pager', '--threshold=25', unit],
      { encoding: 'utf8' },
    );
    expect([status, stdout.trim().split('\n').at(-1)]).toEqual([0, expect.stringContaining('OK')]);
  });
});

describe('the Kubernetes manifest', () => {
  interface Mount {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }
  interface Container {
    readonly args: readonly string[];
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly volumeMounts: readonly Mount[];
  }
  interface Workload {
    readonly kind: string;
    readonly spec: {
      readonly template: {
        readonly spec: {
          readonly hostPID: boolean;
          readonly containers: readonly Container[];
          readonly volumes: readonly { readonly name: string }[];
        };
      };
    };
  }
  const documents = parseAllDocuments(
    readFileSync('packaging/kubernetes/daemonset.yaml', 'utf8'),
  ).map((document) => document.toJS() as Workload);
  const pod = documents.find(({ kind }) => kind === 'DaemonSet')?.spec.template.spec;
  const [container] = pod?.containers ?? [];

  test('asks for no capability, and mounts what it names', () => {
    expect(container?.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const volumes = pod?.volumes.map(({ name }) => name);
    expect(container?.volumeMounts.map(({ name }) => name)).toEqual(volumes);
  });

  test('gives the program options it takes, of paths that are mounted', () => {
    const args = container?.args ?? [];
    const paths = args.flatMap((word) => /^--(?:path|state)\.\w+=(.*)$/.exec(word)?.[1] ?? []);
    const mounts = container?.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
    expect(paths.filter((path) => !mounts.some((mount) => path.startsWith(mount)))).toEqual([]);
    const moved = args.map((word) => word.replace(/=\//, `=${dir}/`));
    for (const path of paths.filter((one) => !one.endsWith('.json')))
      mkdirSync(join(dir, path), { recursive: true });
    // Shown to be taken and nothing more: what is mounted here is empty.
    const { status, stderr } = spawnSync(
      process.execPath,
      ['dist/cli/main.js', ...moved, '--dry-run'],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('the demonstration with Prometheus and Grafana', () => {
  const folder = 'packaging/compose';
  interface Service {
    readonly build?: string;
    readonly command?: readonly string[];
    readonly volumes?: readonly string[];
  }
  const { services } = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8')) as {
    services: Readonly<Record<string, Service>>;
  };

  test('mounts files that are there', () => {
    const paths = Object.values(services).flatMap(({ build, volumes }) => [
      ...(build === undefined ? [] : [build]),
      ...(volumes ?? []).map((volume) => volume.split(':')[0] ?? ''),
    ]);
    expect(paths.length).toBeGreaterThan(4);
    expect(paths.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });

  test('gives Prometheus a configuration and rules that it takes', () => {
    // As the volumes put them.
    const etc = join(dir, 'prometheus');
    mkdirSync(etc);
    for (const volume of services['prometheus']?.volumes ?? []) {
      const [from = '', to = ''] = volume.split(':');
      execFileSync('cp', ['-r', join(folder, from), to.replace('/etc/prometheus', etc)]);
    }
    const { status, stdout, stderr } = spawnSync(
      'promtool',
      ['check', 'config', join(etc, 'prometheus.yml')],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/SUCCESS: 3 rule files found/);
  });
});
