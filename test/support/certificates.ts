import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];

export interface CertificateMaker {
  /** Writes `NAME.pem` and `NAME.key`, signed by the authority. */
  sign(name: string, alternativeNames: string): void;
}

/** Makes an authority (`ca.pem`, `ca.key`) in a directory. */
export function makeAuthority(dir: string, name = 'ca'): CertificateMaker {
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const ca = [...NEW_KEY, `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`];
  openssl('req', '-x509', ...ca, '-days', '2');
  return {
    sign: (leaf, alternativeNames) => {
      writeFileSync(join(dir, `${leaf}.ext`), `subjectAltName=${alternativeNames}\n`);
      const request = [...NEW_KEY, `${leaf}.key`, '-out', `${leaf}.csr`, '-subj', `/CN=${leaf}`];
      openssl('req', ...request);
      const signer = ['-CA', `${name}.pem`, '-CAkey', `${name}.key`, '-CAcreateserial'];
      const out = ['-in', `${leaf}.csr`, '-out', `${leaf}.pem`, '-extfile', `${leaf}.ext`];
      openssl('x509', '-req', ...signer, ...out, '-days', '2');
    },
  };
}
