import { z } from '@hono/zod-openapi';

/** A Resource Identifier, as its clients check it: service, instance, type and locator. */
export const ridPattern = /^ri\.[a-z][a-z0-9-]*\.(?:[a-z0-9][a-z0-9-]*)?\.[a-z][a-z0-9-]*\.[a-zA-Z0-9._-]+$/;

/** True for the form of a Resource Identifier. */
export function isRid(text: string): boolean {
  return ridPattern.test(text);
}

function rid(example: string) {
  return z.string().openapi({ example });
}

export const modelRid = rid('ri.models.main.model.f351c142-0e4c-4b12-adc2-6e1539737ae9');
export const experimentRid = rid('ri.models.main.experiment.01981b2c-7d43-7e55-a1f0-5a6f5a3c9b11');
export const modelVersionRid = rid('ri.models.main.model-version.adf94926-c3ac-41ea-beb2-4946699d08ee');
export const jobRid = rid('ri.foundry.main.job.aaf94076-d773-4732-a1df-3b638eb50448');
export const containerRid = rid(
  'ri.foundry-container-service.main.container.a1b2c3d4-e5f6-7890-abcd-ef1234567890',
);
export const deploymentRid = rid(
  'ri.foundry-container-service.main.deployment.b2c3d4e5-f6a7-8901-bcde-f12345678901',
);
export const stemmaRid = rid('ri.stemma.main.repository.c4d5e6f7-0819-4a2b-9c3d-4e5f60718293');
