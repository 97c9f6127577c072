export { type InstallationUnderTest as Stage, startInstallation as startStage } from '../harness';
