"""Documents that several modules of requests name as their source."""

from __future__ import annotations

CODEPIPELINE_ROLE = "CodePipeline User Guide, pipelines-create-service-role"
CODEPIPELINE_SECURITY = "CodePipeline User Guide, security-iam"
CODEPIPELINE_CROSS_ACCOUNT = "CodePipeline User Guide, pipelines-create-cross-account"
S3_ENCRYPTION = "S3 User Guide, UsingKMSEncryption"
S3_MULTIPART = "S3 User Guide, mpuoverview"
SAGEMAKER_ROLES = "SageMaker Developer Guide, sagemaker-roles"
SAGEMAKER_DEPUTY = "SageMaker Developer Guide, security-confused-deputy-prevention"
