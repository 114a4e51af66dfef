import type { Provider } from '../oauth/provider.js'
import { partOfHost } from '../oauth/provider/part-of-host.js'

/** @public */
export interface CognitoOptions {
  /** Such as `eu-central-1`. */
  region: string
  /** Such as `eu-central-1_AbCdEfGhI`. */
  userPoolId: string
}

const REGION = /[a-z]{2}(?:-[a-z]+)+-\d+/

/**
 * Amazon Cognito, a user pool with a domain.
 *
 * @public
 */
export function cognito({ region, userPoolId }: CognitoOptions): Provider {
  return {
    name: 'Amazon Cognito',
    issuer: `https://cognito-idp.${partOfHost('cognito', 'region', region, REGION)}.amazonaws.com/${userPoolId}`,
    about: {
      sources: [
        'https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html',
        'https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'Whether refresh tokens rotate is a setting of the app client. Without rotation, a refresh returns none.',
      ],
    },
  }
}
