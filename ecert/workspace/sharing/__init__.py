"""The sharing interface (共享服务接口) over a workspace: requests read, answered and logged."""
