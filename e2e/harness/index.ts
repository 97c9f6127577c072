export { freeAddresses, type InstallationUnderTest, type ProcessUnderTest, startInstallation } from './installation';
