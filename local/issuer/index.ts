import { mkdir, writeFile } from 'node:fs/promises';
import { sendJson } from '../gateway/body.ts';
import { AwsError, type AwsService } from '../gateway/service.ts';
import { ALGORITHM, signingKey } from './signing-key.ts';
import { type IssuerRecord, recordPath, signToken, type TokenRequest } from './token.ts';

export type { TokenRequest } from './token.ts';

/** Stands in for the OIDC provider of a deployment: tokens for everyone who asks on this machine. */
export interface DevIssuer extends AwsService, IssuerRecord {
  sign(request: TokenRequest): Promise<string>;
}

const AUDIENCE = 'splicebus';

/**
 * An issuer whose discovery document and keys are served at `endpointUrl`, which verifiers fetch as
 * they would those of any other.
 * @param directory keeps its key and its record
 */
export async function createDevIssuer(directory: string, endpointUrl: string): Promise<DevIssuer> {
  const { pathname } = new URL(endpointUrl);
  const record: IssuerRecord = { issuer: endpointUrl, audience: AUDIENCE };
  const documents: Readonly<Record<string, () => Promise<object>>> = {
    '/.well-known/openid-configuration': async () => ({
      issuer: endpointUrl,
      jwks_uri: `${endpointUrl}/jwks.json`,
      response_types_supported: ['token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [ALGORITHM],
    }),
    '/jwks.json': async () => {
      const { kty, n, e, kid, alg } = await signingKey(directory);
      return { keys: [{ kty, n, e, kid, alg, use: 'sig' }] };
    },
  };
  await mkdir(directory, { recursive: true });
  await writeFile(recordPath(directory), `${JSON.stringify(record)}\n`);

  return {
    ...record,
    sign: (request) => signToken(directory, record, request),
    async handle({ url = '/' }, response) {
      const path = url.slice(pathname.length);
      const document = Object.hasOwn(documents, path) ? documents[path] : undefined;
      if (!document) throw new AwsError('NotFound', `The issuer has no document ${path}.`, 404);
      sendJson(response, 200, await document());
    },
  };
}
