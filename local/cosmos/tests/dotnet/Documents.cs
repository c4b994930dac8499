using System.Net;
using Microsoft.Azure.Cosmos;

namespace Conformance;

/// <summary>"Create, read, replace, patch and delete" of the SDK's documentation.</summary>
public static class Documents
{
    static readonly PartitionKey Ann = new("ann");

    [Scenario]
    public static async Task AreCreatedAndRead(Account account)
    {
        var container = await account.NewContainer();
        var order = new Order { Total = 1.5 };
        var created = await container.CreateItemAsync(order, Ann);
        Expect.Equal(HttpStatusCode.Created, created.StatusCode, "status");
        Expect.True(created.RequestCharge > 1, "a create costs more than a read");
        Expect.True(!string.IsNullOrEmpty(created.ActivityId), "activity id");
        var read = await container.ReadItemAsync<Order>(order.Id, Ann);
        Expect.Equal(1.5, read.Resource.Total, "total");
        Expect.Equal(1.0, read.RequestCharge, "charge of a point read");
        Expect.Equal(created.ETag, read.ETag, "etag");
    }

    [Scenario]
    public static async Task ThatExistAreNotCreatedAgain(Account account)
    {
        var container = await account.NewContainer();
        await container.CreateItemAsync(new Order { Id = "1" });
        await Expect.Fails(HttpStatusCode.Conflict, () => container.CreateItemAsync(new Order { Id = "1" }), "second create");
        await container.CreateItemAsync(new Order { Id = "1", Customer = "bob" });
    }

    [Scenario]
    public static async Task ThatAreNotThereAreNotFound(Account account)
    {
        var container = await account.NewContainer();
        await Expect.Fails(HttpStatusCode.NotFound, () => container.ReadItemAsync<Order>("x", Ann), "read");
        await Expect.Fails(HttpStatusCode.NotFound, () => container.DeleteItemAsync<Order>("x", Ann), "delete");
        await Expect.Fails(HttpStatusCode.NotFound, () => container.ReplaceItemAsync(new Order { Id = "x" }, "x", Ann), "replace");
        using var response = await container.ReadItemStreamAsync("x", Ann);
        Expect.Equal(HttpStatusCode.NotFound, response.StatusCode, "as a stream");
    }

    [Scenario]
    public static async Task AreUpserted(Account account)
    {
        var container = await account.NewContainer();
        Expect.Equal(HttpStatusCode.Created, (await container.UpsertItemAsync(new Order { Id = "1" })).StatusCode, "first");
        Expect.Equal(HttpStatusCode.OK, (await container.UpsertItemAsync(new Order { Id = "1", Total = 2 })).StatusCode, "second");
        Expect.Equal(2.0, (await container.ReadItemAsync<Order>("1", Ann)).Resource.Total, "total");
    }

    [Scenario]
    public static async Task AreReplacedAndDeleted(Account account)
    {
        var container = await account.NewContainer();
        await container.CreateItemAsync(new Order { Id = "1" });
        var replaced = await container.ReplaceItemAsync(new Order { Id = "1", State = "complete" }, "1", Ann);
        Expect.Equal("complete", replaced.Resource.State, "state");
        Expect.Equal(HttpStatusCode.NoContent, (await container.DeleteItemAsync<Order>("1", Ann)).StatusCode, "delete");
        await Expect.Fails(HttpStatusCode.NotFound, () => container.ReadItemAsync<Order>("1", Ann), "read");
    }

    [Scenario]
    public static async Task ChangeOnlyWithTheRightETag(Account account)
    {
        var container = await account.NewContainer();
        var first = await container.CreateItemAsync(new Order { Id = "1" });
        var options = new ItemRequestOptions { IfMatchEtag = first.ETag };
        var second = await container.ReplaceItemAsync(new Order { Id = "1", Total = 1 }, "1", Ann, options);
        Expect.True(second.ETag != first.ETag, "a new etag");
        await Expect.Fails(HttpStatusCode.PreconditionFailed, () => container.ReplaceItemAsync(new Order { Id = "1" }, "1", Ann, options), "replace");
        await Expect.Fails(HttpStatusCode.PreconditionFailed, () => container.DeleteItemAsync<Order>("1", Ann, options), "delete");
        await Expect.Fails(HttpStatusCode.PreconditionFailed, () => container.UpsertItemAsync(new Order { Id = "1" }, Ann, options), "upsert");
    }

    [Scenario]
    public static async Task AreNotSentWhenTheyAreKnown(Account account)
    {
        var container = await account.NewContainer();
        var created = await container.CreateItemAsync(new Order { Id = "1" });
        var options = new ItemRequestOptions { IfNoneMatchEtag = created.ETag };
        await Expect.Fails(HttpStatusCode.NotModified, () => container.ReadItemAsync<Order>("1", Ann, options), "read");
    }

    [Scenario]
    public static async Task AreNotSentBackWhenNobodyAsks(Account account)
    {
        var container = await account.NewContainer();
        var options = new ItemRequestOptions { EnableContentResponseOnWrite = false };
        var created = await container.CreateItemAsync(new Order { Id = "1" }, Ann, options);
        Expect.True(created.Resource is null, "no content");
        Expect.True(created.ETag is not null, "but an etag");
    }

    [Scenario]
    public static async Task OfAnotherPartitionAreRefused(Account account)
    {
        var container = await account.NewContainer();
        await Expect.Fails(HttpStatusCode.BadRequest, () => container.CreateItemAsync(new Order(), new PartitionKey("bob")), "create");
    }

    [Scenario]
    public static async Task ArePatched(Account account)
    {
        var container = await account.NewContainer();
        await container.CreateItemAsync(new Order { Id = "1", Total = 1, Items = [new Item { Name = "a" }] });
        var patched = await container.PatchItemAsync<Order>("1", Ann,
        [
            PatchOperation.Set("/state", "complete"),
            PatchOperation.Increment("/total", 2.5),
            PatchOperation.Add("/items/-", new Item { Name = "b" }),
            PatchOperation.Remove("/items/0"),
        ]);
        Expect.Equal("complete", patched.Resource.State, "state");
        Expect.Equal(3.5, patched.Resource.Total, "total");
        Expect.Sequence(["b"], patched.Resource.Items.Select(item => item.Name), "items");
    }

    [Scenario]
    public static async Task ArePatchedOnCondition(Account account)
    {
        var container = await account.NewContainer();
        await container.CreateItemAsync(new Order { Id = "1", State = "Open" });
        PatchOperation[] operations = [PatchOperation.Replace("/state", "Closed")];
        await container.PatchItemAsync<Order>("1", Ann, operations, new() { FilterPredicate = "FROM c WHERE c.state = 'Open'" });
        await Expect.Fails(HttpStatusCode.PreconditionFailed,
            () => container.PatchItemAsync<Order>("1", Ann, operations, new() { FilterPredicate = "FROM c WHERE c.state = 'Open'" }), "the second time");
    }

    [Scenario]
    public static async Task AreNotPatchedWhereNothingIs(Account account)
    {
        var container = await account.NewContainer();
        await container.CreateItemAsync(new Order { Id = "1" });
        await Expect.Fails(HttpStatusCode.BadRequest,
            () => container.PatchItemAsync<Order>("1", Ann, [PatchOperation.Replace("/nothing", 1)]), "replace");
        await Expect.Fails(HttpStatusCode.BadRequest,
            () => container.PatchItemAsync<Order>("1", Ann, [PatchOperation.Set("/a/b", 1)]), "set within nothing");
    }

    [Scenario]
    public static async Task AreReadManyAtOnce(Account account)
    {
        var container = await account.Orders();
        var wanted = new[] { ("o1", new PartitionKey("bob")), ("o2", Ann), ("o9", Ann) };
        var found = await container.ReadManyItemsAsync<Order>(wanted);
        Expect.Sequence(["o1", "o2"], found.Select(order => order.Id).Order(), "ids");
    }

    [Scenario]
    public static async Task AreTakenAsStreams(Account account)
    {
        var container = await account.NewContainer();
        using var body = new MemoryStream("""{"id":"1","customer":"ann","free":[1,null]}"""u8.ToArray());
        using var created = await container.CreateItemStreamAsync(body, Ann);
        Expect.Equal(HttpStatusCode.Created, created.StatusCode, "status");
        using var read = await container.ReadItemStreamAsync("1", Ann);
        var text = await new StreamReader(read.Content).ReadToEndAsync();
        Expect.True(text.Contains("\"free\":[1,null]"), text);
    }

    [Scenario]
    public static async Task MayLackTheirPartitionKey(Account account)
    {
        var container = await account.NewContainer(partitionKey: "/missing");
        await container.CreateItemAsync(new Order { Id = "1" }, PartitionKey.None);
        Expect.Equal("1", (await container.ReadItemAsync<Order>("1", PartitionKey.None)).Resource.Id, "id");
    }
}
