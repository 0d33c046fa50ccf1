import { queryService } from '../gateway/query-service.ts';
import type { AwsService } from '../gateway/service.ts';
import type { Iam } from './iam.ts';

/** As much of STS as answers "who am I?", the first thing to ask an unfamiliar endpoint. */
export function createSts(iam: Iam, accountId: string): AwsService {
  return queryService({
    GetCallerIdentity: (_parameters, { accessKeyId }) => ({
      Arn: iam.callerArn(accessKeyId),
      UserId: accessKeyId ?? 'anonymous',
      Account: accountId,
    }),
  });
}
