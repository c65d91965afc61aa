import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import Ajv, { type ValidateFunction } from 'ajv';

import { nameOf, type Manifest } from './manifest';

interface SchemaFile {
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, object>>;
}

/** Checks an object against the schema of its kind; an unknown field is a problem. */
export type SchemaCheck = (manifest: Manifest) => string[];

/** Reads the schemas that `k8s/schema/generate.ts` extracted from Kubernetes' OpenAPI description. */
export function createSchemaCheck(): SchemaCheck {
  const path = join(__dirname, '../schema/kubernetes-1.34.json');
  const { kinds, definitions } = JSON.parse(readFileSync(path, 'utf8')) as SchemaFile;
  const ajv = new Ajv({ allErrors: true, strict: false });
  ajv.addSchema({ $id: 'kubernetes', definitions });
  return (manifest) => {
    const definition = kinds[`${manifest.apiVersion} ${manifest.kind}`];
    if (definition === undefined) {
      return [`${nameOf(manifest)}: ${manifest.apiVersion} ${manifest.kind} is not in k8s/schema/generate.ts`];
    }
    const validate = ajv.getSchema(`kubernetes#/definitions/${definition}`) as ValidateFunction;
    if (validate(manifest)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const field = 'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : '';
      return `${nameOf(manifest)}: ${instancePath} ${message}${field}`;
    });
  };
}
