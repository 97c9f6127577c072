import type { Rule } from '../types';

const VARIABLE: Rule = ['sensitive', 'variable', 'read'];
const CONFIG: Rule = ['sensitive', 'config', 'read'];
const DIAGNOSIS: Rule = ['sensitive', 'diagnosis', 'read'];
const EVENT: Rule = ['sensitive', 'event', 'read'];
const SECRET: Rule = ['sensitive', 'secret', 'read'];
const CONSOLE: Rule = ['sensitive', 'console', 'read'];
const PERSON: Rule = ['sensitive', 'person', 'read'];
const MEMBER: Rule = ['sensitive', 'member', 'read'];
const IDENTITY: Rule = ['sensitive', 'identity', 'read'];
const BILLING: Rule = ['sensitive', 'billing', 'read'];

/*
 * Fields below the roots that give out more than their root does. From a safe
 * root one can walk to almost everything: these are the doors on the way. Their
 * kind says what a grant for them would open, and it opens that everywhere: the
 * field does not know which environment it was reached from. So a kind that a
 * root query tells apart by id stands here only where all of it is meant.
 */
export const railwayNested: Readonly<Record<string, Rule>> = {
  // Variables and the blobs that hold them; encrypted values are not for others either.
  'Environment.variables': VARIABLE,
  'Environment.config': VARIABLE,
  'EnvironmentPatch.patch': VARIABLE,
  'EnvironmentPatch.lastAppliedError': VARIABLE,
  'DockerComposeImport.patch': VARIABLE,
  'Plugin.variables': VARIABLE,
  'ServiceInstance.nixpacksPlan': VARIABLE,
  'ServiceInstance.railpackInfo': VARIABLE,
  'Template.config': VARIABLE,
  'Template.serializedConfig': VARIABLE,
  'Template.metadata': VARIABLE,
  'TemplateService.config': VARIABLE,

  // JSON nobody can see into; the channels of a notification are addresses anyone who has them may write to.
  'ChangeOperationResult.outputs': CONFIG,
  'ChangeSetApplyResult.diagnostics': CONFIG,
  'ChangeSetPreview.changeSet': CONFIG,
  'ChangeSetPreview.diagnostics': CONFIG,
  'ChangeSetPreview.effects': CONFIG,
  'Deployment.meta': CONFIG,
  'DeploymentInstanceExecution.deploymentMeta': CONFIG,
  'EdgeConfig.edgeRules': CONFIG,
  'EdgeConfig.overrides': CONFIG,
  'Integration.config': CONFIG,
  'NotificationChannel.config': CONFIG,
  'NotificationInstance.payload': CONFIG,
  'Signal.default': CONFIG,
  'Signal.rules': CONFIG,
  // Shell lines: where people write passwords when they are in a hurry.
  'ServiceInstance.startCommand': CONFIG,
  'ServiceInstance.buildCommand': CONFIG,
  'ServiceInstance.preDeployCommand': CONFIG,

  // What programs said, and what was done by whom.
  'Deployment.diagnosis': DIAGNOSIS,
  'DeploymentEventPayload.detail': DIAGNOSIS,
  'DeploymentEventPayload.error': DIAGNOSIS,
  'DeploymentEventPayload.reason': DIAGNOSIS,
  'Event.payload': EVENT,
  'Event.activityPayload': EVENT,

  // Ways in.
  'CloudAgent.consoleTargetId': CONSOLE,
  'CloudAgent.sessions': CONSOLE,
  'CustomDomainStatus.verificationToken': SECRET,
  'TrustedDomainVerificationData.token': SECRET,
  'Workspace.identityProviders': IDENTITY,

  // People, and how well their accounts are kept.
  'AdoptionInfo.matchedIcpEmail': PERSON,
  'AppliedByMember.email': PERSON,
  'Customer.billingEmail': PERSON,
  'DeploymentCreator.email': PERSON,
  'ProjectInvitation.email': PERSON,
  'ProjectInvitationInviter.email': PERSON,
  'ProjectMember.email': PERSON,
  'ProjectMemberPermissionsInfo.email': PERSON,
  'ProjectMemberTwoFactorInfo.email': PERSON,
  'ProjectMemberTwoFactorInfo.twoFactorAuthEnabled': PERSON,
  'ProjectWorkspaceMember.email': PERSON,
  'ProjectWorkspaceMember.twoFactorAuthEnabled': PERSON,
  'ProviderAuth.email': PERSON,
  'TeamMember.email': PERSON,
  'TwoFactorInfo.hasRecoveryCodes': PERSON,
  'User.banReason': PERSON,
  'User.email': PERSON,
  'User.flags': PERSON,
  'User.githubProviderId': PERSON,
  'User.githubUsername': PERSON,
  'User.has2FA': PERSON,
  'User.hasPasskeys': PERSON,
  'User.isAdmin': PERSON,
  'User.isConductor': PERSON,
  'User.lastLogin': PERSON,
  'User.providerAuths': PERSON,
  'User.riskLevel': PERSON,
  'UserProfileResponse.customerId': PERSON,
  'UserProfileResponse.isTrialing': PERSON,
  'UserProfileResponse.state': PERSON,
  'Workspace.referredUsers': PERSON,
  'WorkspaceMember.email': PERSON,
  'WorkspaceMember.twoFactorAuthEnabled': PERSON,
  'Project.members': MEMBER,
  'Project.projectPermissions': MEMBER,
  'Team.members': MEMBER,
  'Team.teamPermissions': MEMBER,
  'Workspace.members': MEMBER,
  'Workspace.usersWithout2FA': MEMBER,
  'Workspace.has2FAEnforcement': MEMBER,
  'Workspace.redactedDueTo2FAPending': MEMBER,
  'ExternalWorkspace.has2FAEnforcement': MEMBER,
  'ExternalWorkspace.redactedDueTo2FAPending': MEMBER,

  // Money, and what Railway thinks of its customer.
  'ExternalWorkspace.banReason': BILLING,
  'ExternalWorkspace.customerId': BILLING,
  'ExternalWorkspace.customerState': BILLING,
  'Team.adoptionHistory': BILLING,
  'Team.customer': BILLING,
  'Workspace.adoptionHistory': BILLING,
  'Workspace.banReason': BILLING,
  'Workspace.customer': BILLING,
};

/** Names that give out something more often than not. A field the provider adds tomorrow meets this first. */
export const railwaySuspicious =
  /token|secret|passw|passkey|credential|(?:api|private|public|access)_?key|ssh|variable|session|invit|e-?mail|webhook|recover|2fa|two_?factor|one_?time|config|payload|patch|meta|diagnos|prompt|command|serialized|connection_?(?:string|ur[il])|database_?ur[il]|dsn|members?$/i;

/** What its name accuses wrongly: a flag, a count, a public half, or an object whose own fields are classified. */
export const railwayHarmless: ReadonlySet<string> = new Set([
  'AdoptionInfo.numConfigFile',
  'AdoptionInfo.numIconConfig',
  'AdoptionInfo.numVariables',
  'ChangeSetApplyResult.stagedPatchId',
  'DeploymentEvent.payload',
  'Environment.configEtag',
  'Environment.meta',
  'ExternalWorkspace.currentSessionHasAccess',
  'ExternalWorkspace.hasAutomaticDiagnosis',
  'ObservabilityDashboardItem.config',
  'ObservabilityDashboardItemInstance.displayConfig',
  'ObservabilityDashboardMonitor.config',
  'Passkey.credentialId',
  'PitrHaClusterReplicationHealth.members',
  'PitrHaWorkflowProgress.members',
  'PlanLimitOverride.config',
  'Preferences.buildFailedEmail',
  'Preferences.changelogEmail',
  'Preferences.communityEmail',
  'Preferences.deployCrashedEmail',
  'Preferences.ephemeralEnvironmentEmail',
  'Preferences.marketingEmail',
  'Preferences.subprocessorUpdatesEmail',
  'Preferences.templateQueueEmail',
  'Preferences.usageEmail',
  'ProjectComplianceInfo.twoFactorMembers',
  'ProjectInvitation.inviter',
  'ProjectWorkspaceMembersResponse.members',
  'Service.hasHiddenRegistryCredentialsFromTemplate',
  'ServiceInstance.edgeConfig',
  'ServiceInstance.railwayConfigFile',
  'SshPublicKey.publicKey',
  'Team.apiTokenRateLimit',
  'Template.canvasConfig',
  'User.apiTokenRateLimit',
  'Workspace.apiTokenRateLimit',
  'Workspace.hasAutomaticDiagnosis',
]);
