export const TEMPLATE = 'countersign_template';
export const PASSWORDS = { owner: 'owner', web: 'web', warden: 'warden', gateway: 'gateway' } as const;
