/** The part of Railway's public schema that the story needs: same names, arguments and nullability as the real one. */
export const SDL = /* GraphQL */ `
scalar DateTime
scalar EnvironmentVariables
enum VolumeState { DELETED DELETING ERROR MIGRATING MIGRATION_PENDING READY RESTORING UPDATING }
enum VolumeInstanceBackupScheduleKind { DAILY MONTHLY WEEKLY }
enum DeploymentStatus { BUILDING CRASHED DEPLOYING FAILED INITIALIZING NEEDS_APPROVAL QUEUED REMOVED REMOVING SKIPPED SLEEPING SUCCESS WAITING }

type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
type ApiTokenContext { workspaces: [ApiTokenWorkspace!]! }
type ApiTokenWorkspace { id: String! name: String! }
type Workspace { id: ID! name: String! }

type Project {
  id: ID!
  name: String!
  createdAt: DateTime!
  workspaceId: String
  workspace: Workspace
  environments(after: String, before: String, first: Int, last: Int): ProjectEnvironmentsConnection!
  services(after: String, before: String, first: Int, last: Int): ProjectServicesConnection!
  volumes(after: String, before: String, first: Int, last: Int): ProjectVolumesConnection!
  buckets(after: String, before: String, first: Int, last: Int): ProjectBucketsConnection!
}
type Bucket { id: ID! name: String! }
type ProjectBucketsConnection { edges: [ProjectBucketsConnectionEdge!]! pageInfo: PageInfo! }
type ProjectBucketsConnectionEdge { cursor: String! node: Bucket! }
type ProjectEnvironmentsConnection { edges: [ProjectEnvironmentsConnectionEdge!]! pageInfo: PageInfo! }
type ProjectEnvironmentsConnectionEdge { cursor: String! node: Environment! }
type ProjectServicesConnection { edges: [ProjectServicesConnectionEdge!]! pageInfo: PageInfo! }
type ProjectServicesConnectionEdge { cursor: String! node: Service! }
type ProjectVolumesConnection { edges: [ProjectVolumesConnectionEdge!]! pageInfo: PageInfo! }
type ProjectVolumesConnectionEdge { cursor: String! node: Volume! }
type QueryProjectsConnection { edges: [QueryProjectsConnectionEdge!]! pageInfo: PageInfo! }
type QueryProjectsConnectionEdge { cursor: String! node: Project! }

type Environment {
  id: ID!
  name: String!
  projectId: String!
  isEphemeral: Boolean!
  createdAt: DateTime!
  sourceEnvironment: Environment
  serviceInstances(after: String, before: String, first: Int, last: Int): EnvironmentServiceInstancesConnection!
  volumeInstances(after: String, before: String, first: Int, last: Int): EnvironmentVolumeInstancesConnection!
}
type EnvironmentServiceInstancesConnection { edges: [EnvironmentServiceInstancesConnectionEdge!]! pageInfo: PageInfo! }
type EnvironmentServiceInstancesConnectionEdge { cursor: String! node: ServiceInstance! }
type EnvironmentVolumeInstancesConnection { edges: [EnvironmentVolumeInstancesConnectionEdge!]! pageInfo: PageInfo! }
type EnvironmentVolumeInstancesConnectionEdge { cursor: String! node: VolumeInstance! }

type Service { id: ID! name: String! projectId: String! project: Project! createdAt: DateTime! }
type ServiceInstance {
  id: ID!
  serviceId: String!
  serviceName: String!
  environmentId: String!
  latestDeployment: Deployment
}
type Deployment {
  id: ID!
  status: DeploymentStatus!
  createdAt: DateTime!
  projectId: String!
  environmentId: String!
  environment: Environment!
  serviceId: String
}

type Volume {
  id: ID!
  name: String!
  createdAt: DateTime!
  projectId: String!
  project: Project!
  volumeInstances(after: String, before: String, first: Int, last: Int): VolumeVolumeInstancesConnection!
}
type VolumeVolumeInstancesConnection { edges: [VolumeVolumeInstancesConnectionEdge!]! pageInfo: PageInfo! }
type VolumeVolumeInstancesConnectionEdge { cursor: String! node: VolumeInstance! }
type VolumeInstance {
  id: ID!
  createdAt: DateTime!
  currentSizeMB: Float!
  sizeMB: Int!
  mountPath: String!
  state: VolumeState
  environmentId: String!
  environment: Environment!
  serviceId: String
  volumeId: String!
  volume: Volume!
}
type VolumeInstanceBackup { id: String! name: String createdAt: DateTime! usedMB: Int }
type VolumeInstanceBackupSchedule { id: ID! name: String! cron: String! kind: VolumeInstanceBackupScheduleKind! }
type WorkflowId { workflowId: String }

type Query {
  apiToken: ApiTokenContext!
  projects(after: String, before: String, first: Int, includeDeleted: Boolean, last: Int, workspaceId: String): QueryProjectsConnection!
  project(id: String!): Project!
  environment(id: String!, projectId: String): Environment!
  service(id: String!): Service!
  serviceInstance(environmentId: String!, serviceId: String!): ServiceInstance!
  volumeInstance(id: String!): VolumeInstance!
  volumeInstanceBackupList(volumeInstanceId: String!): [VolumeInstanceBackup!]!
  volumeInstanceBackupScheduleList(volumeInstanceId: String!): [VolumeInstanceBackupSchedule!]!
  variables(environmentId: String!, projectId: String!, serviceId: String, unrendered: Boolean): EnvironmentVariables!
}

input VolumeUpdateInput { name: String }
input ApiTokenCreateInput { name: String! workspaceId: String }
type Mutation {
  volumeDelete(volumeId: String!): Boolean!
  volumeUpdate(input: VolumeUpdateInput!, volumeId: String!): Volume!
  volumeInstanceBackupDelete(volumeInstanceBackupId: String!, volumeInstanceId: String!): WorkflowId!
  environmentDelete(id: String!): Boolean!
  projectDelete(id: String!): Boolean!
  serviceInstanceRedeploy(environmentId: String!, serviceId: String!): Boolean!
  apiTokenCreate(input: ApiTokenCreateInput!): String!
}
`;
