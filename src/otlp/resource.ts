import {
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';

export interface ResourceFacts {
  readonly version: string;
  /** The same as long as this is the same exporter of the same boot, so that its series go on. */
  readonly instanceId: string;
  /** Of the kernel that is observed; undefined where it cannot be read. */
  readonly kernelRelease: string | undefined;
}

/**
 * Who the metrics come from: this service, this host, the observed kernel. What OTEL_SERVICE_NAME
 * and OTEL_RESOURCE_ATTRIBUTES say goes first.
 */
export function createResource({ version, instanceId, kernelRelease }: ResourceFacts): Resource {
  const service = resourceFromAttributes({
    'service.name': 'damon-exporter',
    'service.version': version,
    'service.instance.id': instanceId,
    'os.type': 'linux',
    'os.version': kernelRelease,
  });
  const detected = detectResources({ detectors: [hostDetector, envDetector] });
  return defaultResource().merge(service).merge(detected);
}
