import type { Provider } from '../oauth/provider.js'

/** @public */
export interface CognitoOptions {
  /** Such as `eu-central-1`. */
  region: string
  /** Such as `eu-central-1_AbCdEfGhI`. */
  userPoolId: string
}

/**
 * Amazon Cognito, a user pool with a domain.
 *
 * @public
 */
export function cognito({ region, userPoolId }: CognitoOptions): Provider {
  return {
    name: 'Amazon Cognito',
    issuer: `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
    about: {
      sources: [
        'https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html',
        'https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html',
      ],
      readOn: '2026-11-28',
      unsure: [
        'Only this was compared on that day: the endpoints with a public list, the responses with the samples; the pages were not opened.',
        'Whether refresh tokens rotate is a setting of the app client; without, a refresh gives none.',
      ],
    },
  }
}
